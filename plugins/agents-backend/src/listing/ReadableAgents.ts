import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { principalOf } from '@agentportal/plugin-agents-node';
import { LRUCache } from 'lru-cache';
import { AGENTS } from './readSnapshot';

/** Refs of the agents that a caller may see. */
export type Readable = 'all' | ReadonlySet<string>;

const REMEMBER_MS = 5_000;
const NONE: Readable = new Set();

/**
 * Which agents a caller may see. The policy is asked in the words in which the
 * catalog asks it; a decision with conditions only the catalog can judge, as
 * the rules are its own, so it is asked for the refs.
 */
export class ReadableAgents {
  readonly #catalog: CatalogService;
  readonly #permissions: PermissionsService;
  readonly #remembered: LRUCache<string, Readable, BackstageCredentials>;

  constructor(options: {
    catalog: CatalogService;
    permissions: PermissionsService;
  }) {
    this.#catalog = options.catalog;
    this.#permissions = options.permissions;
    this.#remembered = new LRUCache({
      max: 500,
      ttl: REMEMBER_MS,
      fetchMethod: (_key, _stale, { context }) => this.#ask(context),
    });
  }

  async of(credentials: BackstageCredentials): Promise<Readable> {
    const principal = principalOf(credentials);
    // What a program may see depends on its token, not on its name.
    return principal.type === 'user'
      ? (await this.#remembered.fetch(
          `${principal.userEntityRef} ${principal.actor}`,
          { context: credentials },
        ))!
      : this.#ask(credentials);
  }

  async #ask(credentials: BackstageCredentials): Promise<Readable> {
    const [{ result }] = await this.#permissions.authorizeConditional(
      [{ permission: catalogEntityReadPermission }],
      { credentials },
    );
    if (result !== AuthorizeResult.CONDITIONAL) {
      return result === AuthorizeResult.ALLOW ? 'all' : NONE;
    }
    const refs = new Set<string>();
    const pages = this.#catalog.streamEntities(
      {
        query: AGENTS,
        fields: ['kind', 'metadata.namespace', 'metadata.name'],
        pageSize: 1_000,
        totalItems: 'exclude',
      },
      { credentials },
    );
    for await (const page of pages) {
      page.forEach(entity => refs.add(stringifyEntityRef(entity)));
    }
    return refs;
  }
}
