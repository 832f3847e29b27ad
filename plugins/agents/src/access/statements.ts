import {
  RISK_TIERS,
  type AccessStatement,
  type RiskTier,
} from '@agentportal/plugin-agents-common';

/** Statements about one kind of thing, in the order in which people ask. */
export interface StatementGroup {
  title: string;
  statements: AccessStatement[];
}

const GROUPS: { title: string; kinds: AccessStatement['kind'][] }[] = [
  { title: 'For whom', kinds: ['identity', 'people'] },
  { title: 'Tools', kinds: ['tool'] },
  { title: 'Model', kinds: ['model'] },
  { title: 'Data', kinds: ['data'] },
  { title: 'Hand-offs', kinds: ['handoff'] },
];

/** Groups what is said of an agent; its state and its grants have places of their own. */
export function groupStatements(
  statements: readonly AccessStatement[],
): StatementGroup[] {
  return GROUPS.map(({ title, kinds }) => ({
    title,
    statements: statements.filter(({ kind }) => kinds.includes(kind)),
  })).filter(group => group.statements.length > 0);
}

function isTier(tier: string | undefined): tier is RiskTier {
  return RISK_TIERS.includes(tier as RiskTier);
}

/** The tools by risk, the mildest first; those that the catalog lacks have none. */
export function byRisk(
  statements: readonly AccessStatement[],
): { tier?: RiskTier; statements: AccessStatement[] }[] {
  return [...RISK_TIERS, undefined]
    .map(tier => ({
      tier,
      statements: statements.filter(({ riskTier }) =>
        isTier(riskTier) ? riskTier === tier : tier === undefined,
      ),
    }))
    .filter(group => group.statements.length > 0);
}
