import {
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatPercent,
  StatTile,
} from '@agentportal/plugin-agents-react';
import type { RoutePreview } from '@agentportal/plugin-models-common';
import { Alert, Text } from '@backstage/ui';
import styles from './RoutesPage.module.css';

/** What would have happened: cost, speed, and which models would have served. */
export function PreviewResult(props: {
  preview: RoutePreview;
  days: number;
  /** The YAML has been changed since. */
  isStale: boolean;
}) {
  const { days, isStale, preview } = props;
  const { after, before } = preview;
  if (preview.calls === 0) {
    return (
      <Alert
        status="info"
        title={`There were no calls in the last ${days} days to try it on.`}
      />
    );
  }
  return (
    <section
      className={styles.preview}
      aria-label="What would have happened"
      data-stale={isStale}
    >
      <h3 className={styles.title}>
        What would have happened to the calls of the last {days} days
      </h3>
      {isStale && (
        <Text as="p" color="secondary">
          The YAML has been changed since; try it again.
        </Text>
      )}
      <div className={styles.tiles}>
        <StatTile
          label="Cost"
          value={formatNanoUsd(after.costNanoUsd)}
          period={comparison(
            before.costNanoUsd,
            after.costNanoUsd,
            formatNanoUsd(before.costNanoUsd),
          )}
        />
        <StatTile
          label="First words after"
          value={durationOf(after.firstByteP50Ms)}
          period={comparison(
            before.firstByteP50Ms,
            after.firstByteP50Ms,
            durationOf(before.firstByteP50Ms),
          )}
          emptyText="Not measured yet"
        />
        <StatTile
          label="Other model"
          value={formatPercent(preview.moved / preview.considered)}
          period={`${formatCount(preview.moved)} of ${formatCount(
            preview.considered,
          )} calls`}
        />
      </div>
      <table className={styles.models}>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" data-align="right">
              Calls
            </th>
            <th scope="col" data-align="right">
              Would have been
            </th>
          </tr>
        </thead>
        <tbody>
          {preview.models.map(row => (
            <tr key={row.model}>
              <td>
                <code>{row.model}</code>
                <span
                  className={styles.share}
                  style={{
                    width: `${(row.after / preview.considered) * 100}%`,
                  }}
                  aria-hidden="true"
                />
              </td>
              <td data-align="right">{formatCount(row.before)}</td>
              <td data-align="right">{formatCount(row.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className={styles.notes}>
        {notesOn(preview).map(note => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}

/** What to know before one believes the numbers. */
function notesOn(preview: RoutePreview): string[] {
  const { calls, considered, guessed = 0, unpriced = [], unserved } = preview;
  return [
    'Answers are taken to be as long as they were, and nothing is said of how good they would have been.',
    considered < calls &&
      `Of ${formatCount(calls)} calls the newest ${formatCount(
        considered,
      )} were tried.`,
    preview.basis === 'all' &&
      'This route had no calls, so those of all routes and models were tried.',
    unserved > 0 &&
      `${formatCount(unserved)} calls could not have been served: ${
        preview.unservedReason ?? 'no candidate fits.'
      }`,
    unpriced.length > 0 &&
      `Nobody has told the price of ${unpriced.join(
        ', ',
      )}; those calls count as free.`,
    guessed > 0 &&
      `${formatCount(
        guessed,
      )} calls have no recorded difficulty and were taken as medium.`,
  ].filter(note => typeof note === 'string');
}

function durationOf(ms?: number): string | undefined {
  return ms === undefined ? undefined : formatDuration(ms);
}

/** "instead of $4.00, 75 % less" */
function comparison(
  before: number | undefined,
  after: number | undefined,
  words: string | undefined,
): string | undefined {
  if (before === undefined || after === undefined) {
    return undefined;
  }
  const change = before === 0 ? 0 : after / before - 1;
  return Math.abs(change) < 0.005
    ? `as before`
    : `instead of ${words}, ${formatPercent(Math.abs(change))} ${
        change > 0 ? 'more' : 'less'
      }`;
}
