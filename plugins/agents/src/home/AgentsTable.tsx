import type { AgentSummary, Autonomy } from '@agentportal/plugin-agents-common';
import {
  AgentAvatar,
  AutonomyDots,
  EntityLink,
  Sparkline,
  formatNanoUsd,
} from '@agentportal/plugin-agents-react';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { RouterLink, useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsTranslationRef } from '../translation';
import { AgentStatusMark } from '../status/AgentStatusMark';
import { SuspendedBy } from '../status/StandingNotice';
import type { Activity } from './useActivity';
import styles from './AgentsTable.module.css';

/** Agents under a heading; without a title they need none. */
export interface AgentSection {
  title?: string;
  agents: readonly AgentSummary[];
}

function AgentRow(props: { agent: AgentSummary; activity: Activity }) {
  const { agent, activity } = props;
  const { t } = useTranslationRef(agentsTranslationRef);
  const entityLink = useEntityRefLink();
  const stats = activity.stats.get(agent.ref);
  const cost = activity.costs.get(agent.ref);
  return (
    <tr>
      <th scope="row" className={styles.agentCell}>
        <span className={styles.agent}>
          <AgentAvatar name={agent.ref} size="small" />
          <span className={styles.names}>
            <RouterLink className={styles.link} href={entityLink(agent.ref)}>
              {agent.title}
            </RouterLink>
            <span className={styles.purpose} title={agent.description}>
              {agent.description}
            </span>
          </span>
        </span>
      </th>
      <td>
        <EntityLink entityRef={agent.ownerRef} />
      </td>
      <td>
        <AgentStatusMark agent={agent} stats={stats} />
        {agent.standing.suspended && (
          <span className={styles.purpose}>
            <SuspendedBy suspended={agent.standing.suspended} />
          </span>
        )}
      </td>
      <td className={styles.optional}>
        <AutonomyDots level={agent.autonomy as Autonomy} withLabel />
      </td>
      <td className={styles.number}>
        {stats && (
          <span className={styles.runs}>
            {stats.runs}
            <Sparkline
              width={70}
              height={18}
              label={t('agentsTable.sparkline', { title: agent.title })}
              values={stats.daily.map(day => day.runs)}
              failures={stats.daily.map(day => day.failed)}
            />
          </span>
        )}
      </td>
      <td className={styles.number}>
        {cost === undefined ? '–' : formatNanoUsd(cost)}
      </td>
    </tr>
  );
}

/** Agents as rows, for those who compare. */
export function AgentsTable(props: {
  sections: readonly AgentSection[];
  activity: Activity;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { sections, activity } = props;
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" className={styles.agentCell}>
              {t('agentsTable.agent')}
            </th>
            <th scope="col">{t('agentsTable.owner')}</th>
            <th scope="col">{t('agentsTable.status')}</th>
            <th scope="col" className={styles.optional}>
              {t('agentsTable.autonomy')}
            </th>
            <th scope="col" className={styles.number}>
              {t('agentsTable.runs14Days')}
            </th>
            <th scope="col" className={styles.number}>
              {t('agentsTable.costThisMonth')}
            </th>
          </tr>
        </thead>
        {sections.map(({ title, agents }) => (
          <tbody key={title ?? 'all'}>
            {title && (
              <tr>
                <th scope="rowgroup" colSpan={6} className={styles.section}>
                  {title}
                </th>
              </tr>
            )}
            {agents.map(agent => (
              <AgentRow key={agent.ref} agent={agent} activity={activity} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
