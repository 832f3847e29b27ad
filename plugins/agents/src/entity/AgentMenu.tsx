import type { AgentEntity } from '@agentportal/plugin-agents-common';
import { ANNOTATION_EDIT_URL } from '@backstage/catalog-model';
import {
  coreApis,
  useApi,
  useAppSearchParams,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { useStarredEntity } from '@backstage/plugin-catalog-react';
import { ButtonIcon, Menu, MenuItem, MenuTrigger } from '@backstage/ui';
import {
  RiCodeLine,
  RiEditLine,
  RiMore2Line,
  RiShareLine,
  RiStarFill,
  RiStarLine,
} from '@remixicon/react';
import { agentsTranslationRef } from '../translation';

function webUrl(url: string | undefined): string | undefined {
  return url && /^https?:\/\//.test(url) ? url : undefined;
}

/** What else can be done with an agent. */
export function AgentMenu({ entity }: { entity: AgentEntity }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const toastApi = useApi(coreApis.toast);
  const [, setParams] = useAppSearchParams();
  const { isStarredEntity, toggleStarredEntity } = useStarredEntity(entity);
  const editUrl = webUrl(entity.metadata.annotations?.[ANNOTATION_EDIT_URL]);

  const share = async () => {
    try {
      await navigator.clipboard.writeText(window.location.href);
      toastApi.post({
        title: t('header.copied'),
        status: 'success',
        timeout: 3000,
      });
    } catch {
      toastApi.post({
        title: t('header.notCopied'),
        description: t('header.copyByHand'),
        status: 'warning',
      });
    }
  };
  return (
    <>
      <ButtonIcon
        variant="secondary"
        aria-label={t(isStarredEntity ? 'header.unstar' : 'header.star')}
        icon={isStarredEntity ? <RiStarFill /> : <RiStarLine />}
        onPress={toggleStarredEntity}
      />
      <MenuTrigger>
        <ButtonIcon
          variant="secondary"
          aria-label={t('header.more')}
          icon={<RiMore2Line />}
        />
        <Menu placement="bottom right">
          {editUrl ? (
            <MenuItem iconStart={<RiEditLine />} href={editUrl}>
              {t('settings.editInSource')}
            </MenuItem>
          ) : null}
          <MenuItem iconStart={<RiShareLine />} onAction={share}>
            {t('header.copyLink')}
          </MenuItem>
          <MenuItem
            iconStart={<RiCodeLine />}
            onAction={() =>
              setParams(before => {
                const next = new URLSearchParams(before);
                next.set('inspect', 'overview');
                return next;
              })
            }
          >
            {t('header.inspect')}
          </MenuItem>
        </Menu>
      </MenuTrigger>
    </>
  );
}
