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
  const call = { ...facts, kind: 'tool-call' } as const;
  const whatever = matrix.filter(({ when }) => !when.amountOver);
  const rule = ruleFor(whatever, call);
  const above = matrix
    .slice(0, rule && matrix.indexOf(rule))
    .filter(
      each =>
        each.when.amountOver &&
        ruleFor(
          [{ ...each, when: { ...each.when, amountOver: undefined } }],
          call,
        ),
    )
    .map(each => {
      const { argument, value } = each.when.amountOver!;
      const unsaid = each.when.tool ? ', or not said' : '';
      return ` Where ${argument} is over ${value}${unsaid}: of ${quorumOf(
        each,
        holders,
      )}.`;
    });
  return `With the approval of ${quorumOf(
    rule,
    holders,
  )}, each call by itself.${above.join('')}`;
}

function quorumOf(rule: MatrixRule | undefined, holders: RoleHolders): string {
  const asked = rule ? refsOf(rule.approvers, holders) : [];
  const who = inWords(asked.length ? asked : holders.operators);
  return rule && rule.quorum > 1
    ? `${rule.quorum} of ${who}${
        rule.differentGroups ? ', from different groups' : ''
      }`
    : `one of ${who}`;
}
