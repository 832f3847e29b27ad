import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import {
  EntityLink,
  RelativeTime,
  Sentence,
  formatDuration,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useAppNavigate,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import styles from './runs.module.css';

function RunRow(props: { run: RunSummary; withAgent: boolean }) {
  const { run, withAgent } = props;
  const runRoute = useRouteRef(runRouteRef);
  const navigate = useAppNavigate();
  const href = runRoute?.({ id: run.id });
  return (
    // The link in the row is what keyboards and screen readers use; a click
    // elsewhere in the row is a convenience.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr
      className={styles.row}
      data-waiting={run.status === 'interrupted' || undefined}
      onClick={event => {
        const isOwnLink = (event.target as HTMLElement).closest('a, button');
        if (href && !isOwnLink && !window.getSelection()?.toString()) {
          navigate(href);
        }
      }}
    >
      <td>
        <RunStatusMark run={run} />
      </td>
      {withAgent && (
        <td className={styles.agent}>
          <EntityLink
            entityRef={run.agentRef}
            title={run.agentTitle}
            withAvatar
          />
        </td>
      )}
      <td className={styles.question}>
        {href ? (
          <RouterLink href={href} title={run.input.message}>
            {run.input.message}
          </RouterLink>
        ) : (
          run.input.message
        )}
        {run.waitingFor?.[0] && (
          <span className={styles.waitsFor}>
            <Sentence text={run.waitingFor[0].title} plain />
          </span>
        )}
      </td>
      <td className={`${styles.who} ${styles.optional}`}>
        <EntityLink entityRef={run.createdBy} />
      </td>
      <td className={styles.nowrap}>
        <RelativeTime value={run.createdAt} />
      </td>
      <td className={`${styles.number} ${styles.wide}`}>
        {run.durationMs === undefined ? '–' : formatDuration(run.durationMs)}
      </td>
      <td className={`${styles.number} ${styles.optional}`}>
        {formatTokens(run.usage.inputTokens + run.usage.outputTokens)}
      </td>
      <td className={styles.number}>{formatNanoUsd(run.usage.costNanoUsd)}</td>
    </tr>
  );
}

/** Runs as rows, the newest first. */
export function RunsTable(props: {
  runs: readonly RunSummary[];
  withAgent: boolean;
}) {
  const { runs, withAgent } = props;
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Status</th>
            {withAgent && <th scope="col">Agent</th>}
            <th scope="col" className={styles.question}>
              Question
            </th>
            <th scope="col" className={styles.optional}>
              Who
            </th>
            <th scope="col">When</th>
            <th scope="col" className={`${styles.number} ${styles.wide}`}>
              Duration
            </th>
            <th scope="col" className={`${styles.number} ${styles.optional}`}>
              Tokens
            </th>
            <th scope="col" className={styles.number}>
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map(run => (
            <RunRow key={run.id} run={run} withAgent={withAgent} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
