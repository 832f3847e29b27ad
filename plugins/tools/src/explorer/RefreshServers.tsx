import { messageOf } from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useApiHolder,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { ButtonIcon, Tooltip, TooltipTrigger } from '@backstage/ui';
import { RiRefreshLine } from '@remixicon/react';
import { useState } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';
import { toolsTranslationRef } from '../translation';

/** Asks every server for its tools now, and says which of them did not answer. */
export function RefreshServers({ onRefreshed }: { onRefreshed(): void }) {
  const { t } = useTranslationRef(toolsTranslationRef);
  const toolsApi = useApi(toolsApiRef);
  const toastApi = useApiHolder().get(coreApis.toast);
  const [busy, setBusy] = useState(false);

  const refresh = async () => {
    setBusy(true);
    try {
      const { items } = await toolsApi.refreshServers({});
      const down = items.filter(server => server.status === 'down');
      toastApi?.post({
        title: down.length
          ? t('refreshServers.didNotAnswer', {
              servers: down.map(server => server.title).join(', '),
            })
          : t('refreshServers.allServersAnswered', {
              items: String(items.length),
            }),
        status: down.length ? 'warning' : 'success',
        timeout: 5000,
      });
      onRefreshed();
    } catch (error) {
      toastApi?.post({
        title: t('refreshServers.theServersWereNotRead', {
          message: messageOf(error),
        }),
        status: 'danger',
      });
    } finally {
      setBusy(false);
    }
  };

  return (
    <TooltipTrigger>
      <ButtonIcon
        variant="secondary"
        aria-label={t('refreshServers.readTheServersAgain')}
        icon={<RiRefreshLine />}
        isPending={busy}
        onPress={refresh}
      />
      <Tooltip>{t('refreshServers.askEveryServerForIts')}</Tooltip>
    </TooltipTrigger>
  );
}
