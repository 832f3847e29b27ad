import type {
  AuthService,
  BackstageCredentials,
  LoggerService,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  type AgentFacets,
  type AgentPage,
  type AgentSummary,
  isAgentEntity,
} from '@agentportal/plugin-agents-common';
import type { AgentFilter, AgentListRequest } from './AgentFilter';
import { AgentIndex } from './AgentIndex';
import type { AgentSource, Caller } from './AgentSource';
import { CatalogDirectory } from './CatalogDirectory';
import { CatalogReadAccess, type VisibleEntities } from './CatalogReadAccess';
import { sortFacets } from './FacetCounts';
import { IndexedDirectory } from './IndexedDirectory';
import { readSnapshot } from './readSnapshot';
import { SystemDomains } from './SystemDomains';
import { TimedCache } from './TimedCache';
import { toSummary } from './toSummary';

/** For those who may see no entity. */
const NOTHING: AgentSource = {
  list: async () => ({ items: [], totalItems: 0 }),
  facets: async () => sortFacets({}),
};

/**
 * Answers questions about agents. What is seen is what the catalog's read
 * permission lets the caller see: whoever may see all is answered from an index
 * in memory, whoever may see some by the catalog itself.
 */
export class AgentDirectory {
  readonly #catalog: CatalogService;
  readonly #userInfo: UserInfoService;
  readonly #domains: SystemDomains;
  readonly #access: CatalogReadAccess;
  readonly #sources: Record<VisibleEntities, AgentSource>;
  readonly #ownership: TimedCache<string[]>;

  private constructor(options: DirectoryOptions) {
    const { auth, catalog, logger } = options;
    const domains = SystemDomains.create(options);
    const index = AgentIndex.create({
      logger,
      read: () => readSnapshot({ auth, catalog, domains }),
    });
    this.#catalog = catalog;
    this.#userInfo = options.userInfo;
    this.#domains = domains;
    this.#access = CatalogReadAccess.create(options);
    this.#sources = {
      all: IndexedDirectory.create({ index }),
      some: CatalogDirectory.create({ catalog, domains }),
      none: NOTHING,
    };
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
    const source = this.#sources[await this.#access.of(caller)];
    return source.list(request, caller);
  }

  /** Counts agents per value of each field. */
  async facets(
    filter: AgentFilter,
    credentials: BackstageCredentials,
  ): Promise<AgentFacets> {
    const caller = await this.#callerOf(credentials);
    const source = this.#sources[await this.#access.of(caller)];
    return source.facets(filter, caller);
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
    const entityRef = stringifyEntityRef({ kind: 'Agent', ...ref });
    const [{ ownershipRefs }, entity, domainOf] = await Promise.all([
      this.#callerOf(credentials),
      this.#catalog.getEntityByRef(entityRef, { credentials }),
      this.#domains.domainOf(),
    ]);
    if (!entity || !isAgentEntity(entity)) {
      throw new NotFoundError(
        `There is no ${entityRef}, or you may not see it`,
      );
    }
    return toSummary(entity, { domainOf, ownershipRefs });
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
  auth: AuthService;
  catalog: CatalogService;
  logger: LoggerService;
  permissions: PermissionsService;
  userInfo: UserInfoService;
}
