import { decodeCursor, principalOf } from '@agentportal/plugin-agents-node';
import {
  type AnswerCacheStats,
  cachePurgePermission,
} from '@agentportal/plugin-models-common';
import type {
  AuditorService,
  AuthService,
  BackstageCredentials,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import {
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { BasicPermission } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import type { CallRights, VisibleCalls } from '../access/CallRights';
import { filtersOf, whereCriteria } from '../access/criteria';
import { hasPermission } from '../access/hasPermission';
import { audited } from '../api/audited';
import { mayNot } from '../api/caller';
import { DEFAULT_LIMIT, toPage } from '../api/page';
import type { BudgetOwners } from '../budgets/BudgetOwners';
import { readAccount } from '../budgets/readScope';
import { purge, type PurgeScope } from './purges';
import { ENTRIES } from './tables';

/** Agents have refs; what people and keys asked directly comes first. */
const afterAgent = z.object({ after: z.string().nullable() });

/** Exactly one of these. */
export interface PurgeRequest extends PurgeScope {
  all?: boolean;
}

/** What the API of answers from memory is made of. */
export interface CacheApiOptions {
  db: Knex;
  permissions: PermissionsService;
  calls: CallRights;
  catalog: CatalogService;
  owners: BudgetOwners;
  userInfo: UserInfoService;
  auth: AuthService;
  auditor: AuditorService;
  /** How questions are compared. */
  embeddings: string;
}

/** What is remembered, and how it is forgotten. */
export class CacheApi {
  readonly #options: CacheApiOptions;

  constructor(options: CacheApiOptions) {
    this.#options = options;
  }

  /** Answers that are remembered now, by the agent that they were made for. */
  async stats(
    query: { agentRef?: string; limit?: number; cursor?: string },
    credentials: BackstageCredentials,
  ): Promise<AnswerCacheStats> {
    const { calls, db, embeddings } = this.#options;
    const among = await calls.visible(credentials, 'see what is remembered');
    const agents = await this.#agentsOf(among);
    const now = Date.now();
    const { agentRef } = readAccount({ agentRef: query.agentRef });
    const living = () => {
      const rows = db(ENTRIES)
        .count({ entries: '*' })
        .sum({ bytes: 'bytes', hits: 'hits' })
        .sum({ saved: db.raw('hits * cost_nano_usd') })
        .where('expires_at', '>', now);
      whereCriteria(rows, among, (where, filter) =>
        'userRef' in filter
          ? where.whereNotNull('user_ref').where('user_ref', filter.userRef)
          : where.whereNotNull('agent_ref').whereIn(
              'agent_ref',
              filter.ownerRefs.flatMap(ref => agents.get(ref) ?? []),
            ),
      );
      return agentRef ? rows.where({ agent_ref: agentRef }) : rows;
    };
    const limit = query.limit ?? DEFAULT_LIMIT;
    const cursor = decodeCursor(query.cursor, afterAgent);
    const agent = db.raw("coalesce(agent_ref, '')");
    const page = living()
      .select({ agent })
      .max({ last: 'last_used_at' })
      .groupByRaw("coalesce(agent_ref, '')")
      .orderByRaw("coalesce(agent_ref, '')")
      .limit(limit + 1);
    if (cursor) {
      page.whereRaw("coalesce(agent_ref, '') > ?", [cursor.after ?? '']);
    }
    const [totals] = await living();
    const rows = (await page) as unknown as Array<
      Record<string, string | number | null>
    >;
    const { items, ...rest } = toPage(rows, limit, row => ({
      after: String(row.agent),
    }));
    return {
      embeddings,
      totals: toFigures(totals as Record<string, string | number | null>),
      items: items.map(row => ({
        ...(row.agent && { agentRef: String(row.agent) }),
        ...toFigures(row),
        lastUsedAt: new Date(Number(row.last)).toISOString(),
      })),
      ...rest,
    };
  }

  /** The agents of each owner that criteria name. */
  async #agentsOf(among: VisibleCalls): Promise<Map<string, string[]>> {
    const owners = filtersOf(among).flatMap(filter =>
      'ownerRefs' in filter ? filter.ownerRefs : [],
    );
    const found = new Map<string, string[]>(owners.map(ref => [ref, []]));
    if (owners.length > 0) {
      const { auth, catalog } = this.#options;
      const { items } = await catalog.getEntities(
        {
          filter: { kind: 'Agent', 'relations.ownedBy': owners },
          fields: ['kind', 'metadata.name', 'metadata.namespace', 'relations'],
        },
        { credentials: await auth.getOwnServiceCredentials() },
      );
      for (const agent of items) {
        for (const { targetRef, type } of agent.relations ?? []) {
          if (type === RELATION_OWNED_BY) {
            found.get(targetRef)?.push(stringifyEntityRef(agent));
          }
        }
      }
    }
    return found;
  }

  /** Forgets answers, in all processes at once. */
  async purge(
    request: PurgeRequest,
    credentials: BackstageCredentials,
  ): Promise<{ deleted: number }> {
    const { all, agentRef, keyId, userRef } = request;
    const asked = [all || undefined, agentRef, keyId, userRef];
    if (asked.filter(value => value !== undefined).length !== 1) {
      throw new InputError(
        'Say whose answers are to be forgotten by one of agentRef, keyId, userRef and all=true.',
      );
    }
    const scope = { keyId, ...readAccount({ agentRef, userRef }) };
    return audited(
      this.#options.auditor,
      { eventId: 'cache-purge', terms: { ...scope, all }, credentials },
      async () => {
        if (
          !(await this.#isOwn(scope, credentials)) &&
          !(await this.#may(cachePurgePermission, credentials))
        ) {
          throw mayNot(
            'make the model service forget these answers',
            cachePurgePermission.name,
          );
        }
        return { deleted: await purge(this.#options.db, scope, Date.now()) };
      },
    );
  }

  /** People may have forgotten what they asked, and what their agents answered. */
  async #isOwn(
    { agentRef, keyId, userRef }: PurgeScope,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    const { owners, userInfo } = this.#options;
    const principal = principalOf(credentials);
    if (principal.type !== 'user') {
      return false;
    }
    if (userRef) {
      return principal.userEntityRef === userRef;
    }
    const owned = agentRef
      ? await owners.ownersOf({ type: 'agent', ref: agentRef })
      : keyId && (await owners.ownersOf({ type: 'key', ref: keyId }));
    if (!owned || owned.length === 0) {
      return false;
    }
    const { ownershipEntityRefs } = await userInfo.getUserInfo(credentials);
    return owned.some(ref => ownershipEntityRefs.includes(ref));
  }

  #may(
    permission: BasicPermission,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    return hasPermission(this.#options.permissions, permission, credentials);
  }
}

function toFigures(row: Record<string, string | number | null>) {
  return {
    entries: Number(row.entries ?? 0),
    bytes: Number(row.bytes ?? 0),
    hits: Number(row.hits ?? 0),
    savedNanoUsd: Number(row.saved ?? 0),
  };
}
