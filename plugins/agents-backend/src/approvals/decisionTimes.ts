import type { ApprovalSummary } from '@agentportal/plugin-agents-common';
import type { ApprovalRecord } from './ApprovalRecord';

/** Of how many days decisions are looked at. */
export const DECISION_DAYS = 30;
/** Fewer decisions say nothing about whoever made them. */
const ENOUGH = 10;
const TOO_FAST_SECONDS = 10;
const NEARLY_ALL = 0.9;

/** How somebody has decided lately, and whether it looks as if nothing was read. */
export function decisionTimes(
  ref: string,
  records: readonly ApprovalRecord[],
): ApprovalSummary['decided'] {
  const made = records
    .flatMap(({ createdAt, details }) =>
      details.decisions
        .filter(({ by, decision }) => by === ref && decision !== 'answer')
        .map(decision => ({ ...decision, createdAt })),
    )
    .sort((a, b) => a.at - b.at);
  const approved = made.filter(({ decision }) => decision === 'approve');
  // Whoever clears a pile in the morning is as fast as between two of its sheets.
  const seconds = made
    .map(({ at, createdAt }, i) => {
      const since = Math.max(createdAt, made[i - 1]?.at ?? 0);
      return (at - since) / 1_000;
    })
    .sort((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)];
  const isStamp =
    made.length >= ENOUGH &&
    approved.length / made.length >= NEARLY_ALL &&
    median < TOO_FAST_SECONDS;
  return {
    days: DECISION_DAYS,
    count: made.length,
    approved: approved.length,
    ...(median !== undefined && { medianSeconds: median }),
    ...(isStamp && {
      warning: `You approved ${approved.length} of ${
        made.length
      } requests, half of them within ${Math.max(
        1,
        Math.ceil(median),
      )} seconds. If they need no look, ask the agent's owner for more autonomy or another matrix; if they do, take the time.`,
    }),
  };
}
