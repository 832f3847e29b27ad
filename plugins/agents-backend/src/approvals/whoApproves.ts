import { inWords } from './ApprovalRecord';
import {
  type MatrixFacts,
  type MatrixRule,
  refsOf,
  type RoleHolders,
  ruleFor,
} from './matrix';

/**
 * Who would be asked about a call, as far as its arguments do not decide that. A line of the matrix that depends on an
 * amount holds only once the amount is known.
 */
export function whoApproves(
  matrix: readonly MatrixRule[],
  facts: Omit<MatrixFacts, 'kind' | 'args'>,
  holders: RoleHolders,
): string {
  const rule = ruleFor(matrix, { ...facts, kind: 'tool-call' });
  const asked = rule ? refsOf(rule.approvers, holders) : [];
  const who = inWords(asked.length ? asked : holders.operators);
  return rule && rule.quorum > 1
    ? `With the approval of ${rule.quorum} of ${who}${
        rule.differentGroups ? ', from different groups' : ''
      }, each call by itself.`
    : `With the approval of one of ${who}, each call by itself.`;
}
