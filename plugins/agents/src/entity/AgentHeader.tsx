import { agentRefsOf, isAgentEntity } from '@agentportal/plugin-agents-common';
import {
  AgentAvatar,
  EntityLink,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import type { EntityHeaderLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { ButtonLink, Container, Skeleton } from '@backstage/ui';
import { RiChat3Line } from '@remixicon/react';
import { useEffect } from 'react';
import { agentActivityApiRef, agentsApiRef } from '../api';
import { AgentStatusMark } from '../status/AgentStatusMark';
import { StandingNotice } from '../status/StandingNotice';
import { agentsTranslationRef } from '../translation';
import { AgentMenu } from './AgentMenu';
import { EntityTabsNav } from './EntityTabsNav';
import { useHeldTitle } from './useHeldTitle';
import styles from './AgentHeader.module.css';

/** Whoever suspends an agent, and whoever talks to it, see it here this soon. */
const REFRESH_MS = 5_000;

/** How an agent stands for who looks at its page, as it changes. */
function useAgent(namespace: string, name: string) {
  const api = useApi(agentsApiRef);
  const loaded = useLoad(`agent ${namespace}/${name}`, signal =>
    api.getAgent(namespace, name, { signal }),
  );
  const { reload } = loaded;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [reload]);
  return loaded;
}

/** Who the agent is, in one glance: face, purpose, people, state; and the way to talk to it. */
export function AgentHeader(props: EntityHeaderLayoutProps) {
  const { entity } = useEntity();
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(agentActivityApiRef);
  const entityLink = useEntityRefLink();
  const agentRef = stringifyEntityRef(entity);
  const { namespace = 'default', name, title = name } = entity.metadata;
  const config = useApi(coreApis.config);
  const tab = props.tabs
    .flatMap(each => ('items' in each ? each.items : [each]))
    .find(({ id }) => id === props.activeTabId);
  useHeldTitle(
    [title, tab?.label, config.getOptionalString('app.title') ?? 'Backstage']
      .filter(Boolean)
      .join(' | '),
  );
  const agent = useAgent(namespace, name);
  const activity = useLoad(`header ${agentRef}`, async signal => {
    const [stats, [lastRun]] = await Promise.all([
      api.getStats([agentRef], { days: 14, signal }),
      api.listRecentRuns(agentRef, { limit: 1, signal }),
    ]);
    return { stats: stats.get(agentRef), lastRun };
  });
  if (!isAgentEntity(entity)) {
    return <></>;
  }
  const refs = agentRefsOf(entity);
  // Not offered to whom it would refuse; the sentence below the name says why.
  const mayChat = agent.value
    ? agent.value.standing.allowed
    : Boolean(agent.error);
  return (
    <header className={styles.header}>
      <Container className={styles.top}>
        <AgentAvatar name={agentRef} size="large" />
        <div className={styles.text}>
          <div className={styles.titleLine}>
            <h1 className={styles.title}>{title}</h1>
            {agent.value && (
              <AgentStatusMark
                agent={agent.value}
                stats={activity.value?.stats}
                lastRun={activity.value?.lastRun}
              />
            )}
            {!agent.value && agent.isPending && (
              <Skeleton width={120} height={16} />
            )}
          </div>
          {entity.metadata.description && (
            <p className={styles.purpose}>{entity.metadata.description}</p>
          )}
          <p className={styles.people}>
            <span>
              {t('header.owner', {
                owner: <EntityLink entityRef={refs.owner} />,
              })}
            </span>
            {refs.sponsor && (
              <span>
                {t('header.sponsor', {
                  sponsor: <EntityLink entityRef={refs.sponsor} />,
                })}
              </span>
            )}
            {refs.system && (
              <span>
                {t('header.system', {
                  system: <EntityLink entityRef={refs.system} />,
                })}
              </span>
            )}
          </p>
          {agent.value && tab?.id !== '/access' && (
            <StandingNotice agent={agent.value} />
          )}
        </div>
        <div className={styles.actions}>
          {!agent.value && agent.isPending && (
            <Skeleton width={76} height={32} />
          )}
          {mayChat && (
            <ButtonLink
              href={`${entityLink(entity)}/chat`}
              variant="primary"
              iconStart={<RiChat3Line />}
            >
              {t('header.chat')}
            </ButtonLink>
          )}
          <AgentMenu entity={entity} />
        </div>
        <EntityTabsNav {...props} />
      </Container>
    </header>
  );
}
