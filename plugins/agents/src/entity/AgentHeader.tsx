import { agentRefsOf, isAgentEntity } from '@agentportal/plugin-agents-common';
import {
  AgentAvatar,
  EntityLink,
  StatusMark,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEntity, useEntityRefLink } from '@backstage/plugin-catalog-react';
import type { EntityHeaderLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { ButtonLink, Container } from '@backstage/ui';
import { RiChat3Line } from '@remixicon/react';
import { agentActivityApiRef } from '../api';
import { agentStatus } from '../status/agentStatus';
import { AgentMenu } from './AgentMenu';
import { EntityTabsNav } from './EntityTabsNav';
import styles from './AgentHeader.module.css';

/** Who the agent is, in one glance: face, purpose, people, state; and the way to talk to it. */
export function AgentHeader(props: EntityHeaderLayoutProps) {
  const { entity } = useEntity();
  const api = useApi(agentActivityApiRef);
  const entityLink = useEntityRefLink();
  const agentRef = stringifyEntityRef(entity);
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
  const base = entityLink(entity);
  const status = agentStatus(
    entity.spec.lifecycle,
    activity.value?.stats,
    activity.value?.lastRun,
  );
  return (
    <header className={styles.header}>
      <Container className={styles.top}>
        <AgentAvatar name={agentRef} size="large" />
        <div className={styles.text}>
          <div className={styles.titleLine}>
            <h1 className={styles.title}>
              {entity.metadata.title ?? entity.metadata.name}
            </h1>
            <StatusMark
              status={entity.spec.lifecycle}
              label={status.word}
              tone={status.tone}
            />
          </div>
          {entity.metadata.description && (
            <p className={styles.purpose}>{entity.metadata.description}</p>
          )}
          <p className={styles.people}>
            <span>
              Owned by <EntityLink entityRef={refs.owner} />
            </span>
            {refs.sponsor && (
              <span>
                <EntityLink entityRef={refs.sponsor} /> answers for it
              </span>
            )}
            {refs.system && (
              <span>
                Part of <EntityLink entityRef={refs.system} />
              </span>
            )}
          </p>
        </div>
        <div className={styles.actions}>
          <ButtonLink
            href={`${base}/chat`}
            variant="primary"
            iconStart={<RiChat3Line />}
          >
            Chat
          </ButtonLink>
          <AgentMenu entity={entity} />
        </div>
        <EntityTabsNav base={base} {...props} />
      </Container>
    </header>
  );
}
