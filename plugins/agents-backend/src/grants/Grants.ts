import {
  type AgentGrant,
  type AgentGrantPage,
  agentsPermissions,
  type NewAgentGrant,
} from '@agentportal/plugin-agents-common';
import { InputError, NotFoundError } from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import { iso, isoIf } from '../store/times';
import type { GrantRow, GrantStore } from './GrantStore';
import type { KnownPermission, KnownPermissions } from './KnownPermissions';

/** These decide about agents, and no agent decides about agents. */
const NEVER_GRANTED = new Set(
  agentsPermissions
    .filter(({ attributes }) => attributes.action !== 'read')
    .map(({ name }) => name),
);

/** Gives agents permissions of Backstage plugins, and takes them back. */
export class Grants {
  readonly #store: GrantStore;

  readonly #permissions: KnownPermissions;

  constructor(options: { store: GrantStore; permissions: KnownPermissions }) {
    this.#store = options.store;
    this.#permissions = options.permissions;
  }

  /** What an agent can be given. */
  async grantable(): Promise<KnownPermission[]> {
    const all = await this.#permissions.all();
    return all.filter(({ permission }) => !NEVER_GRANTED.has(permission));
  }

  async list(
    agentRef: string,
    page: { limit: number; cursor?: string },
    origin: string | null,
  ): Promise<AgentGrantPage> {
    const { rows, nextCursor } = await this.#store.page(agentRef, page);
    const now = Date.now();
    return {
      items: rows.map(row => describeGrant(row, origin, now)),
      ...(nextCursor && { nextCursor }),
    };
  }

  async create(
    agentRef: string,
    request: NewAgentGrant,
    origin: string | null,
    by: string,
  ): Promise<AgentGrant> {
    const row = await this.prepare(agentRef, request, origin, by);
    await this.#store.add(row);
    return describeGrant(row, origin, Number(row.created_at));
  }

  /** One that may be given, for whoever writes it down together with something else. */
  async prepare(
    agentRef: string,
    request: NewAgentGrant,
    origin: string | null,
    by: string,
  ): Promise<GrantRow> {
    const now = Date.now();
    const expiresAt = request.expiresAt ? Date.parse(request.expiresAt) : null;
    if (expiresAt !== null && expiresAt <= now) {
      throw new InputError('expiresAt is over. Give a time that is to come.');
    }
    if (NEVER_GRANTED.has(request.permission)) {
      throw new InputError(
        `${request.permission} decides about agents, so no agent may have it.`,
      );
    }
    await this.#permissions.require(request.permission);
    return {
      id: randomUUID(),
      agent_ref: agentRef,
      permission: request.permission,
      origin,
      granted_by: by,
      reason: request.reason,
      created_at: now,
      expires_at: expiresAt,
      revoked_at: null,
      revoked_by: null,
    };
  }

  /** Takes one back; says which it was. */
  async revoke(
    agentRef: string,
    id: string,
    by: string,
  ): Promise<Pick<AgentGrant, 'permission'>> {
    const row = await this.#store.get(id);
    if (row?.agent_ref !== agentRef) {
      throw new NotFoundError(`${agentRef} has no grant ${id}.`);
    }
    await this.#store.revoke(id, by, Date.now());
    return { permission: row.permission };
  }
}

function describeGrant(
  row: GrantRow,
  origin: string | null,
  now: number,
): AgentGrant {
  return {
    id: row.id,
    agentRef: row.agent_ref,
    permission: row.permission,
    state: stateOf(row, origin, now),
    grantedBy: row.granted_by,
    reason: row.reason,
    createdAt: iso(row.created_at),
    expiresAt: isoIf(row.expires_at),
    revokedAt: isoIf(row.revoked_at),
    revokedBy: row.revoked_by ?? undefined,
  };
}

function stateOf(
  row: GrantRow,
  origin: string | null,
  now: number,
): AgentGrant['state'] {
  if (row.revoked_at !== null) {
    return 'revoked';
  }
  if (row.expires_at !== null && Number(row.expires_at) <= now) {
    return 'expired';
  }
  return row.origin === origin ? 'active' : 'displaced';
}
