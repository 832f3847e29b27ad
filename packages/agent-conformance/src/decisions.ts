import {
  AuthorizeResult,
  isResourcePermission,
  type Permission,
  type PermissionCriteria,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  isAndCriteria,
  isNotCriteria,
  isOrCriteria,
} from '@backstage/plugin-permission-node';

const EXHAUSTIVE = 8;
const SAMPLES = 256;

/**
 * Whether everything that the first decision allows is allowed by the second, on whatever
 * resource: for every combination of conditions that hold and that do not.
 */
export function isWithin(
  inner: PolicyDecision,
  outer: PolicyDecision,
  permission: Permission,
): boolean {
  const atoms = [...new Set([...atomsOf(inner), ...atomsOf(outer)])];
  const all = atoms.length <= EXHAUSTIVE;
  const tries = all ? 2 ** atoms.length : SAMPLES;
  for (let i = 0; i < tries; i += 1) {
    const holding = new Set(
      atoms.filter((_, at) =>
        // Beyond what can be tried whole, a fixed sample that is as good as any.
        all ? Math.floor(i / 2 ** at) % 2 : hash(i, at) % 2,
      ),
    );
    if (
      allows(inner, permission, holding) &&
      !allows(outer, permission, holding)
    ) {
      return false;
    }
  }
  return true;
}

/** Whether a decision allows something on some resource. */
export function allowsSomething(
  decision: PolicyDecision,
  permission: Permission,
): boolean {
  return !isWithin(decision, { result: AuthorizeResult.DENY }, permission);
}

function allows(
  decision: PolicyDecision,
  permission: Permission,
  holding: ReadonlySet<string>,
): boolean {
  if (decision.result !== AuthorizeResult.CONDITIONAL) {
    return decision.result === AuthorizeResult.ALLOW;
  }
  // The framework fails on conditions about another type of resource.
  return (
    isResourcePermission(permission, decision.resourceType) &&
    holds(decision.conditions, holding)
  );
}

function holds(
  criteria: PermissionCriteria<any>,
  holding: ReadonlySet<string>,
): boolean {
  if (isAndCriteria(criteria)) {
    return criteria.allOf.every(each => holds(each as never, holding));
  }
  if (isOrCriteria(criteria)) {
    return criteria.anyOf.some(each => holds(each as never, holding));
  }
  if (isNotCriteria(criteria)) {
    return !holds(criteria.not as never, holding);
  }
  return holding.has(JSON.stringify(criteria));
}

function atomsOf(decision: PolicyDecision): string[] {
  const walk = (criteria: PermissionCriteria<any>): string[] => {
    if (isAndCriteria(criteria)) {
      return criteria.allOf.flatMap(each => walk(each as never));
    }
    if (isOrCriteria(criteria)) {
      return criteria.anyOf.flatMap(each => walk(each as never));
    }
    return isNotCriteria(criteria)
      ? walk(criteria.not as never)
      : [JSON.stringify(criteria)];
  };
  return decision.result === AuthorizeResult.CONDITIONAL
    ? walk(decision.conditions)
    : [];
}

function hash(a: number, b: number): number {
  return (Math.imul(a + 1, 2_654_435_761) ^ Math.imul(b + 1, 40_503)) >>> 7;
}
