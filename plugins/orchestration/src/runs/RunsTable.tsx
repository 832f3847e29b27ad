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
import { Checkbox } from '@backstage/ui';
import { runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import { attentionOf } from './attention';
import { StartedBy } from './StartedBy';
import styles from './runs.module.css';

function RunRow(props: {
  run: RunSummary;
  withAgent: boolean;
  isChosen: boolean;
  onChoose: () => void;
}) {
  const { run, withAgent, isChosen, onChoose } = props;
  const attention = attentionOf(run, Date.now());
  const runRoute = useRouteRef(runRouteRef);
  const navigate = useAppNavigate();
  const href = runRoute?.({ id: run.id });
  return (
    // The link in the row is what keyboards and screen readers use; a click
    // elsewhere in the row is a convenience.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr
      className={styles.row}
      data-at={attention.at}
      onClick={event => {
        const isOwnLink = (event.target as HTMLElement).closest(
          'a, button, label',
        );
        if (href && !isOwnLink && !window.getSelection()?.toString()) {
          navigate(href);
        }
      }}
    >
      <td>
        <Checkbox
          aria-label={`Choose the run ${run.input.message}`}
          isSelected={isChosen}
          onChange={onChoose}
        />
      </td>
      <td>
        <RunStatusMark run={run} />
        {attention.words && (
          <span className={styles.attention}>{attention.words}</span>
        )}
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
        <StartedBy run={run} />
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
  chosen: readonly RunSummary[];
  onChoose: (run: RunSummary) => void;
}) {
  const { runs, withAgent, chosen, onChoose } = props;
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col" aria-label="Choose" className={styles.choice} />
            <th scope="col">Status</th>
            {withAgent && <th scope="col">Agent</th>}
            <th scope="col" className={styles.question}>
              Question
            </th>
            <th scope="col" className={styles.optional}>
              Started by
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
            <RunRow
              key={run.id}
              run={run}
              withAgent={withAgent}
              isChosen={chosen.some(({ id }) => id === run.id)}
              onChoose={() => onChoose(run)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
