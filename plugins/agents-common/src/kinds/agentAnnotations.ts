/**
 * Annotation with context rules, as Cedar text; of an Agent, a Tool or an MCP server.
 *
 * @public
 */
export const RULES_ANNOTATION = 'agentportal.dev/rules';

/**
 * Annotation with the dollars that a month may cost, such as `"250"`; of an Agent, a
 * System, a Domain or a Group.
 *
 * @public
 */
export const MONTHLY_BUDGET_ANNOTATION = 'agentportal.dev/monthly-budget-usd';

/**
 * All annotations of an agent that something is decided by. What of them was approved is
 * kept when the agent is in production, so one that comes later belongs here.
 *
 * @public
 */
export const DECIDING_ANNOTATIONS = {
  rules: RULES_ANNOTATION,
  monthlyBudgetUsd: MONTHLY_BUDGET_ANNOTATION,
} as const;

const USD = /^(\d{1,7})(?:\.(\d{1,9}))?$/;

/**
 * Reads dollars as people write them (`25`, `0.50`) to integer nano-USD, digit
 * by digit, because a float would round.
 *
 * @returns `undefined` for anything that is not an amount of money
 * @public
 */
export function usdToNano(text: string): number | undefined {
  const [, whole, part = ''] = USD.exec(text.trim()) ?? [];
  if (whole === undefined) {
    return undefined;
  }
  return Number(BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0')));
}
