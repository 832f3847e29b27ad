import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  type CompoundEntityRef,
  parseEntityRef,
  RELATION_CHILD_OF,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';

/** Of one part of a company; what is larger is asked about in parts. */
const MAX_ENTITIES = 1_000;
/** Of groups in groups, and of domains in domains. */
const MAX_LEVELS = 10;

/**
 * Agents by their owners, or by what they are part of now.
 *
 * @public
 */
export type Within = { owners: string[] } | { agents: string[] };

/**
 * Tells which agents are in a part of the company, as far as somebody sees them in the catalog.
 *
 * @public
 */
export class AgentsWithin {
  readonly #catalog: CatalogService;

  constructor(options: { catalog: CatalogService }) {
    this.#catalog = options.catalog;
  }

  /**
   * Of a group with the groups in it, a person, a system, a domain with what is in it, or an agent alone.
   *
   * @throws InputError when it is none of these, or too much is in it
   */
  async of(
    entityRef: string,
    credentials: BackstageCredentials,
  ): Promise<Within> {
    const ref = stringifyEntityRef(refOf(entityRef));
    const within = (kind: string, relation: string, refs: string[]) =>
      this.#related(kind, relation, refs, credentials);
    switch (ref.split(':')[0]) {
      case 'agent':
        return { agents: [ref] };
      case 'user':
        return { owners: [ref] };
      case 'group':
        return {
          owners: await withAllBelow(ref, refs =>
            within('group', RELATION_CHILD_OF, refs),
          ),
        };
      case 'system':
        return { agents: await within('agent', RELATION_PART_OF, [ref]) };
      case 'domain': {
        const domains = await withAllBelow(ref, refs =>
          within('domain', RELATION_PART_OF, refs),
        );
        const systems = await within('system', RELATION_PART_OF, domains);
        return { agents: await within('agent', RELATION_PART_OF, systems) };
      }
      default:
        throw new InputError(
          `${ref} has no agents of its own. Name a group, user, system, domain or agent.`,
        );
    }
  }

  async #related(
    kind: string,
    relation: string,
    refs: string[],
    credentials: BackstageCredentials,
  ): Promise<string[]> {
    const found: string[] = [];
    if (!refs.length) {
      return found;
    }
    const pages = this.#catalog.streamEntities(
      {
        filter: { kind, [`relations.${relation}`]: refs },
        fields: ['kind', 'metadata.name', 'metadata.namespace'],
      },
      { credentials },
    );
    for await (const page of pages) {
      found.push(...page.map(entity => stringifyEntityRef(entity)));
      if (found.length > MAX_ENTITIES) {
        throw new InputError(
          `There are more than ${MAX_ENTITIES} of kind ${kind} in it. Ask about a part of it.`,
        );
      }
    }
    return found;
  }
}

function refOf(entityRef: string): CompoundEntityRef {
  try {
    return parseEntityRef(entityRef);
  } catch {
    throw new InputError(
      `"${entityRef}" is no entity ref. One is "group:default/customer-care".`,
    );
  }
}

/** What is below something, level by level, and itself; what is below itself counts once. */
async function withAllBelow(
  ref: string,
  below: (refs: string[]) => Promise<string[]>,
): Promise<string[]> {
  const all = new Set([ref]);
  let level = [ref];
  for (let depth = 0; level.length && depth < MAX_LEVELS; depth++) {
    level = (await below(level)).filter(found => !all.has(found));
    level.forEach(found => all.add(found));
  }
  return [...all];
}
