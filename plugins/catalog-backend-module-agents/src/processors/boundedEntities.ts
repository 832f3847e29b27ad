import type { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { CatalogProcessor } from '@backstage/plugin-catalog-node';
import { type CatalogTrust, originOf } from '@agentportal/plugin-agents-node';

/** More than anybody writes by hand; each may become a relation, which the catalog stitches. */
const MAX_ITEMS = 1_000;
/** Where entities come from that anybody may register, and not a provider. */
const REGISTERED = /^(url|file):/;

/**
 * Refuses entities that keep the catalog busy for minutes: whoever may register a
 * location can name ten thousand others in a list, of which none needs to exist. Trusted
 * locations and providers, from which large groups of people come, are not bounded.
 */
export function boundedEntities(trust: CatalogTrust): CatalogProcessor {
  return {
    getProcessorName: () => 'agentportal-bounded-entities',
    // Before anybody else works on it.
    getPriority: () => 5,
    async preProcessEntity(entity) {
      if (REGISTERED.test(originOf(entity) ?? '') && !trust.trusts(entity)) {
        refuseHuge(entity);
      }
      return entity;
    },
  };
}

function refuseHuge(entity: Entity): void {
  let items = 0;
  for (const value of valuesIn(entity.spec)) {
    items += Array.isArray(value) ? value.length : 0;
    if (items > MAX_ITEMS) {
      throw new InputError(
        `The lists in spec have more than ${MAX_ITEMS} entries. Make it smaller, or ask the people who run the portal to add ${originOf(
          entity,
        )} to agents.trustedLocations.`,
      );
    }
  }
}

/** A value and all that is in it, without recursion, as it may be nested deep. */
function* valuesIn(root: unknown): Generator<unknown> {
  const open = [root];
  while (open.length) {
    const value = open.pop();
    yield value;
    if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) {
        open.push(item);
      }
    }
  }
}
