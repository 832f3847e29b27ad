import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';

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
