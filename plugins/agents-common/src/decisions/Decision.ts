import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { AgentEntity } from '../kinds/AgentEntity';

/**
 * Whether something may be done, and why, in a sentence for people.
 *
 * @public
 */
export interface Decision {
  allowed: boolean;
  /** One plain sentence or two, also when allowed. */
  reason: string;
}

/** How an entity is called in a sentence. */
export function nameOf(entity: Entity): string {
  return entity.metadata.title ?? stringifyEntityRef(entity);
}

/** An agent that is suspended or retired does nothing at all. */
export function refuseInactive(agent: AgentEntity): Decision | undefined {
  const { lifecycle } = agent.spec;
  if (lifecycle !== 'suspended' && lifecycle !== 'retired') {
    return undefined;
  }
  return {
    allowed: false,
    reason: `${nameOf(agent)} is ${lifecycle}, so it may not act.`,
  };
}
