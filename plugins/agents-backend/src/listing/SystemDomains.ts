import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { TimedCache } from './TimedCache';

/**
 * Which system is in which domain. Companies have far fewer systems than
 * agents and move them seldom, so one map serves all callers; it tells only
 * refs, and only of systems of agents that the caller sees.
 */
export class SystemDomains {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #cache = new TimedCache<Map<string, string>>({
    ttlMs: 10_000,
    maxEntries: 1,
  });

  private constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  static create(options: {
    catalog: CatalogService;
    auth: AuthService;
  }): SystemDomains {
    return new SystemDomains(options);
  }

  /** Refs of domains by the refs of their systems. */
  domainOf(): Promise<Map<string, string>> {
    return this.#cache.get('all', () => this.#read());
  }

  /** Refs of the systems in any of the domains. */
  async systemsOf(domainRefs: string[]): Promise<string[]> {
    const domainOf = await this.domainOf();
    return [...domainOf]
      .filter(([, domain]) => domainRefs.includes(domain))
      .map(([system]) => system);
  }

  async #read(): Promise<Map<string, string>> {
    const domainOf = new Map<string, string>();
    const pages = this.#catalog.streamEntities(
      {
        filter: { kind: 'System' },
        fields: ['kind', 'metadata.namespace', 'metadata.name', 'relations'],
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      for (const system of page) {
        const domain = domainRefOf(system);
        if (domain) {
          domainOf.set(stringifyEntityRef(system), domain);
        }
      }
    }
    return domainOf;
  }
}

function domainRefOf(system: Entity): string | undefined {
  return system.relations?.find(
    relation =>
      relation.type === RELATION_PART_OF &&
      relation.targetRef.startsWith('domain:'),
  )?.targetRef;
}
