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
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Checkbox } from '@backstage/ui';
import { runRouteRef } from '../routes';
import { RunStatusMark } from '../run/RunStatusMark';
import { orchestrationTranslationRef } from '../translation';
import { attentionOf } from './attention';
import { StartedBy } from './StartedBy';
import styles from './runs.module.css';

function RunRow(props: {
  run: RunSummary;
  withAgent: boolean;
  isChosen: boolean;
  onChoose: () => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { run, withAgent, isChosen, onChoose } = props;
  const attention = attentionOf(run, Date.now(), t);
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
          aria-label={t('runsTable.chooseTheRun', {
            message: run.input.message,
          })}
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
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { runs, withAgent, chosen, onChoose } = props;
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th
              scope="col"
              aria-label={t('runsTable.choose')}
              className={styles.choice}
            />
            <th scope="col">{t('runsTable.status')}</th>
            {withAgent && <th scope="col">{t('runsTable.agent')}</th>}
            <th scope="col" className={styles.question}>
              {t('runsTable.question')}
            </th>
            <th scope="col" className={styles.optional}>
              {t('runsTable.startedBy')}
            </th>
            <th scope="col">{t('runsTable.when')}</th>
            <th scope="col" className={`${styles.number} ${styles.wide}`}>
              {t('runsTable.duration')}
            </th>
            <th scope="col" className={`${styles.number} ${styles.optional}`}>
              {t('runsTable.tokens')}
            </th>
            <th scope="col" className={styles.number}>
              {t('runsTable.cost')}
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
