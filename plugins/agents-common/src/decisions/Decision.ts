import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { AgentIdentity } from '../client/AgentIdentityClient';

/**
 * Whether something may be done, and why, in a sentence for people.
 *
 * @public
 */
export interface Decision {
  allowed: boolean;
  /** One plain sentence or two, also when allowed; a refusal says whom to ask. */
  reason: string;
  /** What refused: a limit of the portal's own, `built-in#autonomy`, or a context rule. */
  ruleIds: string[];
  /** Of a refusal: an approval by people is all that is missing. */
  approvable?: boolean;
  /** That the agent has earned to call it without asking, and of which share of the calls people are asked still. */
  earned?: { id: string; askedShare: number };
}

/**
 * What of an agent decides about its calls.
 *
 * @public
 */
export type DecidedAgent = Pick<
  AgentIdentity,
  | 'agentRef'
  | 'title'
  | 'state'
  | 'reason'
  | 'ownerRef'
  | 'autonomy'
  | 'dataClassification'
  | 'modelRef'
  | 'tools'
  | 'earned'
>;

/** How an entity is called in a sentence. */
export function nameOf(entity: Entity): string {
  return entity.metadata.title ?? stringifyEntityRef(entity);
}

/** Who can change what an agent may do, in a sentence. */
export function ownerOf({ ownerRef }: Pick<DecidedAgent, 'ownerRef'>): string {
  return ownerRef ? `Its owner ${ownerRef}` : 'Its owner';
}

const BUILT_IN = 'built-in#';

/**
 * The id of one of the portal's own limits, for {@link Decision.ruleIds}.
 *
 * @public
 */
export function builtInLimit(name: string): string {
  return `${BUILT_IN}${name}`;
}

/**
 * Whether an id of {@link Decision.ruleIds} is a limit of the portal's own, and no rule
 * that somebody wrote.
 *
 * @public
 */
export function isBuiltInLimit(ruleId: string): boolean {
  return ruleId.startsWith(BUILT_IN);
}

/** A refusal by one of the portal's own limits. */
export function refuse(limit: string, reason: string): Decision {
  return { allowed: false, reason, ruleIds: [builtInLimit(limit)] };
}
