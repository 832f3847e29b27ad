import { fullRefOf } from '@agentportal/plugin-agents-common';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { RELATION_OWNED_BY } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { LRUCache } from 'lru-cache';

/** A change of owner reaches new records after this time. */
const REMEMBER_MS = 60_000;
/** A record does not wait longer for the name of an owner. */
const WAIT_MS = 1_000;

/**
 * Who owns agents, for records about them. While the catalog is away there is the owner
 * who is remembered, or none.
 *
 * @public
 */
export class AgentOwners {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #logger: LoggerService;
  readonly #known = new LRUCache<string, { ownerRef?: string; until: number }>({
    max: 50_000,
  });

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#logger = options.logger;
  }

  /** The owner of each of these agents that has one. */
  async of(agentRefs: Iterable<string>): Promise<Map<string, string>> {
    // What is no ref of an agent has no owner, and the catalog would refuse the others with it.
    const refs = [...new Set(agentRefs)].filter(
      ref => fullRefOf(ref, 'Agent') !== undefined,
    );
    const old = refs.filter(
      ref => !(this.#known.get(ref)?.until! > Date.now()),
    );
    if (old.length) {
      await this.#read(old);
    }
    return new Map(
      refs.flatMap(ref => {
        const ownerRef = this.#known.get(ref)?.ownerRef;
        return ownerRef ? [[ref, ownerRef]] : [];
      }),
    );
  }

  async #read(entityRefs: string[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const { items } = await Promise.race([
        this.#catalog.getEntitiesByRefs(
          { entityRefs, fields: ['kind', 'metadata', 'relations'] },
          { credentials: await this.#auth.getOwnServiceCredentials() },
        ),
        new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(new Error('The catalog does not answer')),
            WAIT_MS,
          );
        }),
      ]);
      entityRefs.forEach((ref, i) =>
        this.#known.set(ref, {
          ownerRef: items[i]?.relations?.find(
            ({ type }) => type === RELATION_OWNED_BY,
          )?.targetRef,
          until: Date.now() + REMEMBER_MS,
        }),
      );
    } catch (error) {
      this.#logger.debug(`Owners of agents are not known: ${error}`);
      // Not asked again for a moment, so that records do not wait one by one.
      entityRefs.forEach(ref =>
        this.#known.set(ref, {
          ...this.#known.get(ref),
          until: Date.now() + WAIT_MS * 5,
        }),
      );
    } finally {
      clearTimeout(timer);
    }
  }
}
