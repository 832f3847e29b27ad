import {
  AuthorizeResult,
  type ConditionalPolicyDecision,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';

/**
 * The decision that allows no more than each of some others: one "no" is a "no", and
 * conditions must all hold. For whoever acts on somebody's behalf: the person and the agent
 * must both have the right.
 *
 * Conditions of different plugins or resource types cannot hold together, so they are a "no".
 *
 * @public
 */
export function combineDecisions(decisions: PolicyDecision[]): PolicyDecision {
  const denied = { result: AuthorizeResult.DENY } as const;
  if (
    decisions.length === 0 ||
    decisions.some(({ result }) => result === AuthorizeResult.DENY)
  ) {
    return denied;
  }
  const conditional = decisions.filter(
    (decision): decision is ConditionalPolicyDecision =>
      decision.result === AuthorizeResult.CONDITIONAL,
  );
  const [first] = conditional;
  if (!first) {
    return { result: AuthorizeResult.ALLOW };
  }
  if (conditional.length === 1) {
    return first;
  }
  if (
    conditional.some(
      ({ pluginId, resourceType }) =>
        pluginId !== first.pluginId || resourceType !== first.resourceType,
    )
  ) {
    return denied;
  }
  const [head, ...tail] = conditional.map(({ conditions }) => conditions);
  return { ...first, conditions: { allOf: [head, ...tail] } };
}
