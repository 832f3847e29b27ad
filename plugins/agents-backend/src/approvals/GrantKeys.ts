import type {
  ApprovalGrant,
  ApprovalKey,
} from '@agentportal/plugin-agents-common';
import { APPROVAL_GRANT } from '@agentportal/plugin-agents-node';
import type { JsonObject } from '@backstage/types';
import { SignJWT } from 'jose';
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { iso } from '../store/times';
import type { ApprovalRecord } from './ApprovalRecord';
import { standing } from './decide';

const TABLE = 'agent_approval_keys';
/** How long a process signs with one key. */
const SIGN_MS = 3_600_000;
/** No grant is good for longer once it is given out; it is given out again if need be. */
const LONGEST_GRANT_MS = 600_000;
const CLOCKS_DIFFER_MS = 60_000;

/**
 * Signs grants. As with the tokens of plugins, each process makes keys of its own: the
 * private half never leaves its memory, and the public one is kept for as long as
 * something that it signed may be good.
 */
export class GrantKeys {
  readonly #knex: Knex;
  #current?: { kid: string; until: number; privateKey: Promise<KeyObject> };

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** The grant of an approved call. */
  async mint(record: ApprovalRecord, now: number): Promise<ApprovalGrant> {
    const key = this.#keyFor(now);
    const expiresAt = Math.min(record.grantExpiresAt!, now + LONGEST_GRANT_MS);
    const grant = await new SignJWT({
      approvalId: record.id,
      cnf: { digest: record.digest },
      ...(record.runId && { runId: record.runId }),
      approvers: standing(record).map(({ by }) => by),
    })
      .setProtectedHeader({
        alg: APPROVAL_GRANT.alg,
        typ: APPROVAL_GRANT.typ,
        kid: key.kid,
      })
      .setIssuer(APPROVAL_GRANT.issuer)
      .setAudience(APPROVAL_GRANT.audience)
      .setSubject(record.agentRef!)
      .setJti(record.grantJti!)
      .setIssuedAt(Math.floor(now / 1000))
      .setExpirationTime(Math.floor(expiresAt / 1000))
      .sign(await key.privateKey);
    return {
      grant,
      jti: record.grantJti!,
      digest: record.digest,
      expiresAt: iso(expiresAt),
      ...(record.details.editedBy && {
        args: record.details.binding!.args as JsonObject,
      }),
    };
  }

  async publicKeys(now: number): Promise<ApprovalKey[]> {
    const rows: Array<{ jwk: string }> = await this.#knex(TABLE).where(
      'expires_at',
      '>',
      now,
    );
    return rows.map(({ jwk }) => JSON.parse(jwk));
  }

  async removeOver(now: number): Promise<void> {
    await this.#knex(TABLE).where('expires_at', '<=', now).delete();
  }

  #keyFor(now: number) {
    if (!this.#current || this.#current.until <= now) {
      const kid = randomUUID();
      const until = now + SIGN_MS;
      const privateKey = this.#make(kid, until);
      this.#current = { kid, until, privateKey };
      privateKey.catch(() => {
        this.#current = undefined;
      });
    }
    return this.#current;
  }

  async #make(kid: string, until: number): Promise<KeyObject> {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { kty, crv, x } = publicKey.export({ format: 'jwk' });
    // Others have to be able to verify before anything is signed.
    await this.#knex(TABLE).insert({
      kid,
      jwk: JSON.stringify({ kid, kty, crv, x, use: 'sig' }),
      expires_at: until + LONGEST_GRANT_MS + CLOCKS_DIFFER_MS,
    });
    return privateKey;
  }
}
