/** Of how many days decisions are looked at. */
export const DECISION_DAYS = 30;
/** Fewer decisions say nothing about whoever made them. */
const ENOUGH = 10;
const TOO_FAST_SECONDS = 10;
const NEARLY_ALL = 0.9;

/** When somebody approved or rejected something. */
export interface TimedDecision {
  by: string;
  decision: 'approve' | 'reject';
  askedAt: number;
  at: number;
}

/** How somebody has decided lately, and whether it looks as if nothing was read. */
export function decisionTimes(decisions: readonly TimedDecision[]) {
  const made = [...decisions].sort((a, b) => a.at - b.at);
  const approved = made.filter(({ decision }) => decision === 'approve').length;
  // Whoever clears a pile in the morning is as fast as between two of its sheets.
  const seconds = made
    .map(({ at, askedAt }, i) => {
      const since = Math.max(askedAt, made[i - 1]?.at ?? 0);
      return (at - since) / 1_000;
    })
    .sort((a, b) => a - b);
  const medianSeconds: number | undefined =
    seconds[Math.floor(seconds.length / 2)];
  return {
    count: made.length,
    approved,
    ...(medianSeconds !== undefined && { medianSeconds }),
    isHasty:
      made.length >= ENOUGH &&
      approved / made.length >= NEARLY_ALL &&
      medianSeconds < TOO_FAST_SECONDS,
  };
}

/**
 * Who decided hastily when, by periods of {@link DECISION_DAYS}: whoever was hasty a while ago did not read then,
 * however they decide since.
 */
export function hasteOf(
  decisions: readonly TimedDecision[],
): (by: string, at: number) => boolean {
  const periodOf = (by: string, at: number) =>
    `${by} ${Math.floor(at / (DECISION_DAYS * 86_400_000))}`;
  const hasty = new Set(
    [...Map.groupBy(decisions, ({ at, by }) => periodOf(by, at))]
      .filter(([, made]) => decisionTimes(made).isHasty)
      .map(([period]) => period),
  );
  return (by, at) => hasty.has(periodOf(by, at));
}

/** What those who decide hastily are told. */
export function warningOf(
  times: ReturnType<typeof decisionTimes>,
): string | undefined {
  const { approved, count, isHasty, medianSeconds = 0 } = times;
  return isHasty
    ? `You approved ${approved} of ${count} requests, half of them within ${Math.max(
        1,
        Math.ceil(medianSeconds),
      )} seconds. If they need no look, ask the agent's owner for more autonomy or another matrix; if they do, take the time.`
    : undefined;
}
