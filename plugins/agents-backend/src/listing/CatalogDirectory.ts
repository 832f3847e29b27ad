import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type {
  AgentFacets,
  AgentPage,
  AgentSummary,
} from '@agentportal/plugin-agents-common';
import type { AgentFilter, AgentListRequest } from './AgentFilter';
import { agentPredicate, ownedBy } from './agentPredicate';
import type { AgentSource, Caller } from './AgentSource';
import { countFacets } from './countFacets';
import { type ListPosition, readCursor } from './cursor';
import { findByWords } from './findByWords';
import { labelFacets, readLabels, refsIn } from './labelFacets';
import { listPage } from './listPage';
import { queryFacets } from './queryFacets';
import type { SystemDomains } from './SystemDomains';
import { TimedCache } from './TimedCache';
import { SUMMARY_FIELDS, toSummary } from './toSummary';

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
 * Answers from the catalog with the caller's own credentials, so that the
 * catalog's read permission decides what is seen: for callers who may see some
 * entities and not others.
 *
 * Without words to search for, the catalog filters, sorts, pages and counts.
 * With words, all matches are fetched once and kept for a few seconds, since
 * the catalog can match only one word at a time and count none of them.
 */
export class CatalogDirectory implements AgentSource {
  readonly #catalog: CatalogService;
  readonly #domains: SystemDomains;
  readonly #matches: TimedCache<AgentSummary[]>;
  readonly #facets: TimedCache<AgentFacets>;

  private constructor(options: CatalogDirectoryOptions) {
    this.#catalog = options.catalog;
    this.#domains = options.domains;
    this.#matches = new TimedCache({ ttlMs: 10_000, maxEntries: 50 });
    this.#facets = new TimedCache({ ttlMs: 5_000, maxEntries: 500 });
  }

  static create(options: CatalogDirectoryOptions): CatalogDirectory {
    return new CatalogDirectory(options);
  }

  async list(request: AgentListRequest, caller: Caller): Promise<AgentPage> {
    const position = readCursor(request);
    if (request.q) {
      const matches = await this.#matching(request, caller);
      const offset = position?.offset ?? 0;
      return listPage(request, {
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

  async facets(filter: AgentFilter, caller: Caller): Promise<AgentFacets> {
    const { credentials } = caller;
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
        const labels = await readLabels(refsIn(counted), {
          catalog: this.#catalog,
          credentials,
        });
        return labelFacets(counted, labels);
      },
    );
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
    return listPage(request, {
      items: await this.#summaries(items, caller),
      offset: 0,
      mine: mine.total,
      total: mine.total + others.total,
    });
  }

  async #laterPage(
    request: AgentListRequest,
    caller: Caller,
    position: ListPosition,
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
    return listPage(request, {
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
}

/** What listing from the catalog needs. */
export interface CatalogDirectoryOptions {
  catalog: CatalogService;
  domains: SystemDomains;
}
