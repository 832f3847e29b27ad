import type {
  AuthService,
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  type AgentFacets,
  type AgentPage,
  type AgentSummary,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import type { AgentFilter, AgentListRequest } from './AgentFilter';
import { agentPredicate, ownedBy } from './agentPredicate';
import { countFacets } from './countFacets';
import { readCursor, writeCursor } from './cursor';
import { labelFacets } from './labelFacets';
import { queryFacets } from './queryFacets';
import { SystemDomains } from './SystemDomains';
import { findByWords } from './findByWords';
import { TimedCache } from './TimedCache';
import { SUMMARY_FIELDS, toSummary } from './toSummary';

/** Who asks, and what that person owns things as. */
interface Caller {
  credentials: BackstageCredentials;
  ownershipRefs: string[];
  /** Stands for the caller in cache keys. */
  key: string;
}

/** A filter without a choice in any facet. */
const NO_CHOICES = {
  owner: [],
  domain: [],
  system: [],
  lifecycle: [],
  autonomy: [],
  model: [],
  tool: [],
  type: [],
} satisfies Partial<AgentFilter>;

/**
 * Answers questions about agents from the catalog, always with the caller's
 * own credentials, so that the catalog's read permission decides what is seen.
 *
 * Without words to search for, the catalog filters, sorts, pages and counts.
 * With words, all matches are fetched once and kept for a few seconds, since
 * the catalog can match only one word at a time and count none of them.
 */
export class AgentDirectory {
  readonly #catalog: CatalogService;
  readonly #userInfo: UserInfoService;
  readonly #domains: SystemDomains;
  readonly #matches: TimedCache<AgentSummary[]>;
  readonly #facets: TimedCache<AgentFacets>;
  readonly #ownership: TimedCache<string[]>;

  private constructor(options: DirectoryOptions) {
    this.#catalog = options.catalog;
    this.#userInfo = options.userInfo;
    this.#domains = SystemDomains.create(options);
    this.#matches = new TimedCache({ ttlMs: 10_000, maxEntries: 50 });
    this.#facets = new TimedCache({ ttlMs: 5_000, maxEntries: 500 });
    this.#ownership = new TimedCache({ ttlMs: 10_000, maxEntries: 1_000 });
  }

  static create(options: DirectoryOptions): AgentDirectory {
    return new AgentDirectory(options);
  }

  /** Lists agents, the caller's own first, then by title. */
  async list(
    request: AgentListRequest,
    credentials: BackstageCredentials,
  ): Promise<AgentPage> {
    const caller = await this.#callerOf(credentials);
    const position = readCursor(request);
    if (request.q) {
      const matches = await this.#matching(request, caller);
      const offset = position?.offset ?? 0;
      return this.#page(request, {
        items: matches.slice(offset, offset + request.limit),
        offset,
        mine: matches.filter(agent => agent.mine).length,
        total: matches.length,
      });
    }
    return position
      ? this.#laterPage(request, caller, position)
      : this.#firstPage(request, caller);
  }

  /** Counts agents per value of each field. */
  async facets(
    filter: AgentFilter,
    credentials: BackstageCredentials,
  ): Promise<AgentFacets> {
    const caller = await this.#callerOf(credentials);
    return this.#facets.get(
      `${caller.key} ${JSON.stringify(filter)}`,
      async () => {
        const domainOf = await this.#domains.domainOf();
        const counted = filter.q
          ? countFacets(
              // A facet ignores its own filter, so all words match first.
              await this.#matching({ ...filter, ...NO_CHOICES }, caller),
              filter,
            )
          : await queryFacets({
              catalog: this.#catalog,
              credentials,
              domainOf,
              filter,
              predicate: except => this.#predicate(filter, caller, except),
            });
        return labelFacets(counted, { catalog: this.#catalog, credentials });
      },
    );
  }

  /**
   * One agent.
   *
   * @throws NotFoundError when there is none that the caller may see.
   */
  async get(
    ref: { namespace: string; name: string },
    credentials: BackstageCredentials,
  ): Promise<AgentSummary> {
    const entityRef = stringifyEntityRef({ kind: 'Agent', ...ref });
    const [caller, entity] = await Promise.all([
      this.#callerOf(credentials),
      this.#catalog.getEntityByRef(entityRef, { credentials }),
    ]);
    if (!entity || !isAgentEntity(entity)) {
      throw new NotFoundError(
        `There is no ${entityRef}, or you may not see it`,
      );
    }
    return (await this.#summaries([entity], caller))[0];
  }

  /** Both parts of the first page at once: also the empty one has to be counted. */
  async #firstPage(
    request: AgentListRequest,
    caller: Caller,
  ): Promise<AgentPage> {
    const { limit } = request;
    const [mine, others] = await Promise.all([
      this.#part('mine', request, caller, { offset: 0, limit, count: true }),
      this.#part('others', request, caller, { offset: 0, limit, count: true }),
    ]);
    const items = [...mine.items, ...others.items].slice(0, limit);
    return this.#page(request, {
      items: await this.#summaries(items, caller),
      offset: 0,
      mine: mine.total,
      total: mine.total + others.total,
    });
  }

  async #laterPage(
    request: AgentListRequest,
    caller: Caller,
    position: { offset: number; mine: number; total: number },
  ): Promise<AgentPage> {
    const { offset, mine } = position;
    const fromMine = Math.min(Math.max(mine - offset, 0), request.limit);
    const [first, second] = await Promise.all([
      this.#part('mine', request, caller, { offset, limit: fromMine }),
      this.#part('others', request, caller, {
        offset: Math.max(offset - mine, 0),
        limit: request.limit - fromMine,
      }),
    ]);
    return this.#page(request, {
      ...position,
      items: await this.#summaries([...first.items, ...second.items], caller),
    });
  }

  async #part(
    part: 'mine' | 'others',
    filter: AgentFilter,
    caller: Caller,
    page: { offset: number; limit: number; count?: boolean },
  ): Promise<{ items: Entity[]; total: number }> {
    const isEmpty =
      part === 'mine' ? !caller.ownershipRefs.length : filter.mine === 'only';
    if (isEmpty || page.limit === 0) {
      return { items: [], total: 0 };
    }
    const mine = ownedBy(caller.ownershipRefs);
    const { items, totalItems } = await this.#catalog.queryEntities(
      {
        query: {
          $all: [
            await this.#predicate(filter, caller),
            part === 'mine' ? mine : { $not: mine },
          ],
        },
        orderFields: { field: 'metadata.title', order: 'asc' },
        offset: page.offset,
        limit: page.limit,
        fields: SUMMARY_FIELDS,
        totalItems: page.count ? 'include' : 'exclude',
      },
      { credentials: caller.credentials },
    );
    return { items, total: totalItems };
  }

  #page(
    request: AgentListRequest,
    found: {
      items: AgentSummary[];
      offset: number;
      mine: number;
      total: number;
    },
  ): AgentPage {
    const { items, mine, total } = found;
    const offset = found.offset + items.length;
    return {
      items,
      totalItems: total,
      // An empty page ends the list even if agents have gone meanwhile.
      ...(items.length && offset < total
        ? { nextCursor: writeCursor({ offset, mine, total }, request) }
        : {}),
    };
  }

  /** All agents that match the filter and the words in it, in list order. */
  async #matching(
    filter: AgentFilter,
    caller: Caller,
  ): Promise<AgentSummary[]> {
    const { q, owner, domain, system, lifecycle, autonomy } = filter;
    const { model, tool, type, mine } = filter;
    const parts = [owner, domain, system, lifecycle, autonomy, model, tool];
    const key = JSON.stringify([caller.key, q, mine, type, ...parts]);
    return this.#matches.get(key, async () => {
      const entities = await findByWords({
        catalog: this.#catalog,
        credentials: caller.credentials,
        text: q,
        predicate: await this.#predicate(filter, caller),
        fields: SUMMARY_FIELDS,
      });
      const summaries = await this.#summaries(entities, caller);
      return summaries.sort(
        (a, b) =>
          Number(b.mine) - Number(a.mine) || a.title.localeCompare(b.title),
      );
    });
  }

  async #predicate(
    filter: AgentFilter,
    caller: Caller,
    except?: Parameters<typeof agentPredicate>[0]['except'],
  ) {
    return agentPredicate({
      filter,
      except,
      ownershipRefs: caller.ownershipRefs,
      systemsOfDomains: filter.domain.length
        ? await this.#domains.systemsOf(filter.domain)
        : [],
    });
  }

  async #summaries(
    entities: Entity[],
    caller: Caller,
  ): Promise<AgentSummary[]> {
    const domainOf = await this.#domains.domainOf();
    const { ownershipRefs } = caller;
    return entities.map(entity =>
      toSummary(entity, { domainOf, ownershipRefs }),
    );
  }

  async #callerOf(credentials: BackstageCredentials): Promise<Caller> {
    const principal = credentials.principal as {
      type?: string;
      userEntityRef?: string;
      subject?: string;
    };
    if (principal.type !== 'user') {
      // Programs own nothing; what they see depends on their token.
      const key = `${principal.type} ${principal.subject}`;
      return { credentials, ownershipRefs: [], key };
    }
    const key = principal.userEntityRef!;
    const ownershipRefs = await this.#ownership.get(key, async () => {
      const info = await this.#userInfo.getUserInfo(credentials);
      return info.ownershipEntityRefs;
    });
    return { credentials, ownershipRefs, key };
  }
}

/** What the directory needs. */
export interface DirectoryOptions {
  catalog: CatalogService;
  auth: AuthService;
  userInfo: UserInfoService;
}
