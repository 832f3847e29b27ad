import type { AgentSummary, Autonomy } from '@agentportal/plugin-agents-common';
import {
  AgentAvatar,
  AutonomyDots,
  EntityLink,
  Sparkline,
  formatNanoUsd,
} from '@agentportal/plugin-agents-react';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { Skeleton } from '@backstage/ui';
import { RouterLink, useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsTranslationRef } from '../translation';
import { AgentStatusMark } from '../status/AgentStatusMark';
import { SuspendedBy } from '../status/StandingNotice';
import type { Activity } from './useActivity';
import styles from './AgentCard.module.css';

/** An agent as people meet it: face, purpose, owner, and how it is doing. */
export function AgentCard(props: { agent: AgentSummary; activity: Activity }) {
  const { agent, activity } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  const entityLink = useEntityRefLink();
  const stats = activity.stats.get(agent.ref);
  const cost = activity.costs.get(agent.ref);
  const isPending = activity.isPending(agent.ref);
  return (
    <article className={styles.card} aria-label={agent.title}>
      <div className={styles.head}>
        <AgentAvatar name={agent.ref} />
        <div className={styles.names}>
          <h3 className={styles.title}>
            <RouterLink
              href={entityLink(agent.ref)}
              className={styles.titleLink}
            >
              {agent.title}
            </RouterLink>
          </h3>
          <div className={styles.meta}>
            <EntityLink entityRef={agent.ownerRef} />
          </div>
        </div>
      </div>
      <p className={styles.purpose}>
        {agent.standing.suspended ? (
          <SuspendedBy suspended={agent.standing.suspended} />
        ) : (
          agent.description
        )}
      </p>
      <div className={styles.state}>
        <AgentStatusMark agent={agent} stats={stats} />
        <AutonomyDots level={agent.autonomy as Autonomy} withLabel />
      </div>
      <div className={styles.foot}>
        {isPending && !stats ? (
          <Skeleton width={112} height={24} />
        ) : (
          <Sparkline
            width={112}
            label={t('agentsTable.sparkline', { title: agent.title })}
            values={stats?.daily.map(day => day.runs) ?? []}
            failures={stats?.daily.map(day => day.failed)}
          />
        )}
        <span className={styles.cost}>
          {isPending && cost === undefined ? (
            <Skeleton width={64} height={14} />
          ) : (
            <>
              {t('agentsTable.cost', {
                cost: (
                  <strong>
                    {cost === undefined ? '–' : formatNanoUsd(cost)}
                  </strong>
                ),
              })}
            </>
          )}
        </span>
      </div>
    </article>
  );
}
