import type { AgentSummary, Autonomy } from '@agentportal/plugin-agents-common';
import {
  AgentAvatar,
  AutonomyDots,
  EntityLink,
  Sparkline,
  StatusMark,
  formatNanoUsd,
} from '@agentportal/plugin-agents-react';
import { useEntityRefLink } from '@backstage/plugin-catalog-react';
import { RouterLink } from '@backstage/frontend-plugin-api';
import { agentStatus } from '../status/agentStatus';
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
        <StatusMark {...agentStatus(agent, stats)} />
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
              label={`Runs of ${agent.title} per day, last 14 days`}
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
  const { sections, activity } = props;
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" className={styles.agentCell}>
              Agent
            </th>
            <th scope="col">Owner</th>
            <th scope="col">Status</th>
            <th scope="col" className={styles.optional}>
              Autonomy
            </th>
            <th scope="col" className={styles.number}>
              Runs, 14 days
            </th>
            <th scope="col" className={styles.number}>
              Cost, this month
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
