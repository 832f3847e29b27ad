import type {
  AgentCredential,
  AgentCredentialPage,
  AgentCredentialWithSecret,
  CredentialRotation,
  NewAgentCredential,
} from '@agentportal/plugin-agents-common';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import type { AgentsConfig } from '../config';
import type { DelegationStore } from '../delegations/DelegationStore';
import { iso, isoIf } from '../store/times';
import type { CredentialRow, CredentialStore } from './CredentialStore';
import { readPublicKey } from './readPublicKey';
import { mintSecret } from './secrets';

/** Enough for a rotation in each of several places. */
const MAX_GOOD = 20;

type Held = Pick<
  CredentialRow,
  'kind' | 'secret_hash' | 'ending' | 'public_jwk' | 'key_id'
>;

/** Makes, rotates and revokes the credentials of agents. */
export class Credentials {
  readonly #store: CredentialStore;
  readonly #delegations: DelegationStore;
  readonly #config: AgentsConfig['credentials'];

  constructor(options: {
    store: CredentialStore;
    delegations: DelegationStore;
    config: AgentsConfig['credentials'];
  }) {
    this.#store = options.store;
    this.#delegations = options.delegations;
    this.#config = options.config;
  }

  async list(
    agentRef: string,
    page: { limit: number; cursor?: string },
    origin: string | null,
  ): Promise<AgentCredentialPage> {
    const { rows, nextCursor } = await this.#store.page(agentRef, page);
    const now = Date.now();
    return {
      items: rows.map(row => this.#describe(row, origin, now)),
      ...(nextCursor && { nextCursor }),
    };
  }

  async create(
    agentRef: string,
    request: NewAgentCredential,
    origin: string | null,
    by: string,
  ): Promise<AgentCredentialWithSecret> {
    const now = Date.now();
    const id = randomUUID();
    const { held, secret } = hold(id, request.jwk);
    const row = newRow({
      id,
      agent_ref: agentRef,
      title: request.title,
      origin,
      created_by: by,
      created_at: now,
      expires_at: this.#readExpiry(request.expiresAt, now),
      ...held,
    });
    await this.#store.add(row, MAX_GOOD, now);
    return { credential: this.#describe(row, origin, now), secret };
  }

  /** Makes the next one, which is good for as long as the old one was made for. */
  async rotate(
    agentRef: string,
    id: string,
    request: CredentialRotation,
    origin: string | null,
    by: string,
  ): Promise<AgentCredentialWithSecret> {
    const now = Date.now();
    const old = await this.#require(agentRef, id);
    const { state } = this.#describe(old, origin, now);
    if (state !== 'active') {
      throw new ConflictError(
        `The credential is ${state}, and only one that is active can be rotated. Make a new one.`,
      );
    }
    if ((old.kind === 'public-key') !== (request.jwk !== undefined)) {
      throw new InputError(
        old.kind === 'public-key'
          ? 'The credential is a public key; send the next one as jwk.'
          : 'The credential is a secret; leave jwk out, the next secret is made here.',
      );
    }
    const nextId = randomUUID();
    const { held, secret } = hold(nextId, request.jwk);
    if (held.key_id && held.key_id === old.key_id) {
      throw new InputError(
        'The next key has the same id as this one. Send another key, with a kid of its own.',
      );
    }
    const life = Number(old.expires_at) - Number(old.created_at);
    const next = newRow({
      id: nextId,
      agent_ref: agentRef,
      title: old.title,
      origin: old.origin,
      created_by: by,
      created_at: now,
      expires_at: now + Math.min(life, this.#config.maxMs),
      replaces_id: old.id,
      ...held,
    });
    await this.#store.replace(
      old,
      next,
      Math.min(Number(old.expires_at), now + this.#config.overlapMs),
    );
    return { credential: this.#describe(next, origin, now), secret };
  }

  /** Makes one bad at once, and ends what was delegated to its holder; says which it was. */
  async revoke(
    agentRef: string,
    id: string,
    by: string,
  ): Promise<Pick<AgentCredential, 'title'>> {
    const now = Date.now();
    const { title } = await this.#require(agentRef, id);
    await this.#store.revoke(id, by, now);
    await this.#delegations.endOfCredential(
      id,
      'The credential that asked for the work was revoked.',
      now,
    );
    return { title };
  }

  async #require(agentRef: string, id: string): Promise<CredentialRow> {
    const row = await this.#store.get(id);
    if (row?.agent_ref !== agentRef) {
      throw new NotFoundError(`${agentRef} has no credential ${id}.`);
    }
    return row;
  }

  #readExpiry(expiresAt: string | undefined, now: number): number {
    const { expireAfterMs, maxMs } = this.#config;
    if (expiresAt === undefined) {
      return now + Math.min(expireAfterMs, maxMs);
    }
    const at = Date.parse(expiresAt);
    if (at <= now) {
      throw new InputError('expiresAt is over. Give a time that is to come.');
    }
    if (at > now + maxMs) {
      throw new InputError(
        `A credential may be good until ${iso(
          now + maxMs,
        )} at most; after that, rotate it.`,
      );
    }
    return at;
  }

  #describe(
    row: CredentialRow,
    origin: string | null,
    now: number,
  ): AgentCredential {
    const expiresAt = Number(row.expires_at);
    const state = stateOf(row, origin, now);
    return {
      id: row.id,
      agentRef: row.agent_ref,
      kind: row.kind,
      title: row.title,
      state,
      ending: row.ending ?? undefined,
      keyId: row.key_id ?? undefined,
      createdBy: row.created_by,
      createdAt: iso(row.created_at),
      expiresAt: iso(expiresAt),
      ...(state === 'active' && {
        rotateBefore: iso(
          Math.max(expiresAt - this.#config.remindMs, Number(row.created_at)),
        ),
      }),
      lastUsedAt: isoIf(row.last_used_at),
      replacesId: row.replaces_id ?? undefined,
      replacedById: row.replaced_by_id ?? undefined,
      revokedAt: isoIf(row.revoked_at),
      revokedBy: row.revoked_by ?? undefined,
    };
  }
}

function stateOf(
  row: CredentialRow,
  origin: string | null,
  now: number,
): AgentCredential['state'] {
  if (row.revoked_at !== null) {
    return 'revoked';
  }
  if (Number(row.expires_at) <= now) {
    return 'expired';
  }
  if (row.origin !== origin) {
    return 'displaced';
  }
  return row.replaced_by_id ? 'replaced' : 'active';
}

/** The key that was sent, or else a new secret. */
function hold(
  id: string,
  jwk: Record<string, unknown> | undefined,
): { held: Held; secret?: string } {
  if (jwk) {
    const { jwk: kept, keyId } = readPublicKey(jwk);
    return {
      held: {
        kind: 'public-key',
        secret_hash: null,
        ending: null,
        public_jwk: JSON.stringify(kept),
        key_id: keyId,
      },
    };
  }
  const { text, digest, ending } = mintSecret(id);
  return {
    held: {
      kind: 'secret',
      secret_hash: digest,
      ending,
      public_jwk: null,
      key_id: null,
    },
    secret: text,
  };
}

function newRow(
  row: Partial<CredentialRow> &
    Omit<
      CredentialRow,
      | 'last_used_at'
      | 'replaces_id'
      | 'replaced_by_id'
      | 'reminded_at'
      | 'revoked_at'
      | 'revoked_by'
    >,
): CredentialRow {
  return {
    last_used_at: null,
    replaces_id: null,
    replaced_by_id: null,
    reminded_at: null,
    revoked_at: null,
    revoked_by: null,
    ...row,
  };
}
