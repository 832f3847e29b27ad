import { coreApis, useApi, useApiHolder } from '@backstage/frontend-plugin-api';
import { ButtonIcon, Tooltip, TooltipTrigger } from '@backstage/ui';
import { RiRefreshLine } from '@remixicon/react';
import { useState } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';

/** Asks every server for its tools now, and says which of them did not answer. */
export function RefreshServers({ onRefreshed }: { onRefreshed(): void }) {
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
          ? `${down.map(server => server.title).join(', ')} did not answer`
          : `All ${items.length} servers answered`,
        status: down.length ? 'warning' : 'success',
        timeout: 5000,
      });
      onRefreshed();
    } catch (error) {
      toastApi?.post({
        title: `The servers were not read again: ${(error as Error).message}`,
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
        aria-label="Read the servers again"
        icon={<RiRefreshLine />}
        isPending={busy}
        onPress={refresh}
      />
      <Tooltip>Ask every server for its tools now</Tooltip>
    </TooltipTrigger>
  );
}
