import type {
  AuthService,
  BackstageCredentials,
  LoggerService,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  type AgentFacets,
  type AgentPage,
  type AgentSummary,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  decodeCursor,
  encodeCursor,
  principalOf,
} from '@agentportal/plugin-agents-node';
import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { agentRefOf } from '../identities/agentRef';
import type { AgentFilter, AgentListRequest } from './AgentFilter';
import { AgentIndex } from './AgentIndex';
import {
  countFacets,
  type IndexableAgent,
  labelFacets,
  mismatchedBy,
  REF_FACETS,
} from './facets';
import { readLabels, readSnapshot, toIndexable } from './readSnapshot';
import { ReadableAgents } from './ReadableAgents';
import type { Standings } from './Standings';

const cursorSchema = z.object({
  /** How many agents the pages before held. */
  offset: z.number().int().nonnegative(),
  /** Which filters it belongs to. */
  filter: z.string(),
});

/** An agent before it is asked how it stands. */
type ListedAgent = IndexableAgent & Pick<AgentSummary, 'mine'>;

/**
 * Answers questions about agents from an index in memory, in which a caller
 * sees what the catalog's read permission lets the caller see.
 */
export class AgentDirectory {
  readonly #catalog: CatalogService;
  readonly #index: AgentIndex;
  readonly #readable: ReadableAgents;
  readonly #standings: Standings;
  readonly #ownership: LRUCache<string, string[], BackstageCredentials>;

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    logger: LoggerService;
    permissions: PermissionsService;
    userInfo: UserInfoService;
    standings: Standings;
  }) {
    this.#catalog = options.catalog;
    this.#standings = options.standings;
    this.#index = new AgentIndex({
      logger: options.logger,
      read: () => readSnapshot(options),
    });
    this.#readable = new ReadableAgents(options);
    this.#ownership = new LRUCache({
      max: 1_000,
      ttl: 10_000,
      fetchMethod: async (_user, _stale, { context }) =>
        (await options.userInfo.getUserInfo(context)).ownershipEntityRefs,
    });
  }

  /** Lists agents, the caller's own first, then by title. */
  async list(
    request: AgentListRequest,
    credentials: BackstageCredentials,
  ): Promise<AgentPage> {
    const filter = fingerprint(request);
    const position = decodeCursor(request.cursor, cursorSchema);
    if (position && position.filter !== filter) {
      throw new InputError(
        'The cursor belongs to other filters; keep the filters while paging, or ask for the first page without a cursor.',
      );
    }
    const mismatched = mismatchedBy(request);
    const { agents, owners } = await this.#visible(request, credentials);
    const found = agents.filter(agent => !mismatched(agent).length);
    const all = [
      ...found.filter(agent => agent.mine),
      ...found.filter(agent => !agent.mine),
    ];
    const end = (position?.offset ?? 0) + request.limit;
    const page = all.slice(end - request.limit, end);
    return {
      items: await this.#withStanding(page, owners, credentials),
      totalItems: all.length,
      ...(end < all.length && {
        nextCursor: encodeCursor({ offset: end, filter }),
      }),
    };
  }

  /** Counts agents per value of each field. */
  async facets(
    filter: AgentFilter,
    credentials: BackstageCredentials,
  ): Promise<AgentFacets> {
    const { agents, labels } = await this.#visible(filter, credentials);
    const facets = countFacets(agents, filter);
    return labelFacets(
      facets,
      labels ??
        (await readLabels(
          REF_FACETS.flatMap(facet => facets[facet].map(it => it.value)),
          { catalog: this.#catalog, credentials },
        )),
    );
  }

  /**
   * One agent, as it is in the catalog now.
   *
   * @throws NotFoundError when there is none that the caller may see.
   */
  async get(
    ref: { namespace: string; name: string },
    credentials: BackstageCredentials,
  ): Promise<AgentSummary> {
    const entityRef = agentRefOf(ref);
    const [owners, entity, { domainOf }] = await Promise.all([
      this.#ownersOf(credentials),
      this.#catalog.getEntityByRef(entityRef, { credentials }),
      this.#index.get(),
    ]);
    const agent =
      entity && isAgentEntity(entity)
        ? toIndexable(entity, domainOf)
        : undefined;
    if (!agent) {
      throw new NotFoundError(
        `There is no ${entityRef} that can be read, or you may not see it`,
      );
    }
    const [summary] = await this.#withStanding(
      [{ ...agent, mine: owners.has(agent.ownerRef) }],
      owners,
      credentials,
    );
    return summary;
  }

  async #withStanding(
    agents: ListedAgent[],
    owners: Set<string>,
    credentials: BackstageCredentials,
  ): Promise<AgentSummary[]> {
    const principal = principalOf(credentials);
    const standings = await this.#standings.of(
      agents,
      principal.type === 'user'
        ? { ref: principal.userEntityRef, ownershipRefs: [...owners] }
        : undefined,
    );
    return agents.map(({ origin, ...agent }, i) => ({
      ...agent,
      standing: standings[i],
    }));
  }

  /**
   * What the caller may see and has the words of the filter. Labels are those
   * of the index only for callers who may read every entity.
   */
  async #visible(filter: AgentFilter, credentials: BackstageCredentials) {
    const [owners, readable, snapshot] = await Promise.all([
      this.#ownersOf(credentials),
      this.#readable.of(credentials),
      this.#index.get(),
    ]);
    const words = filter.q.toLocaleLowerCase('en-US').split(/\s+/);
    const may = ({ ref }: IndexableAgent) =>
      readable === 'all' || readable.has(ref);
    const agents: ListedAgent[] = [];
    for (const { agent, text } of snapshot.agents) {
      const mine = owners.has(agent.ownerRef);
      if (
        (mine || filter.mine !== 'only') &&
        words.every(word => text.includes(word)) &&
        may(agent)
      ) {
        agents.push({ ...agent, mine });
      }
    }
    return {
      agents,
      owners,
      labels: readable === 'all' ? snapshot.labels : undefined,
    };
  }

  async #ownersOf(credentials: BackstageCredentials): Promise<Set<string>> {
    const principal = principalOf(credentials);
    // Programs own nothing.
    return new Set(
      principal.type === 'user'
        ? await this.#ownership.fetch(principal.userEntityRef, {
            context: credentials,
          })
        : [],
    );
  }
}

function fingerprint(request: AgentListRequest): string {
  const { cursor, limit, ...filter } = request;
  return createHash('sha256')
    .update(JSON.stringify(filter))
    .digest('base64url')
    .slice(0, 12);
}
