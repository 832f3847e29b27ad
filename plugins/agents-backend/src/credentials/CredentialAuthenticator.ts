import {
  type CredentialCheck,
  fullRefOf,
} from '@agentportal/plugin-agents-common';
import { InputError } from '@backstage/errors';
import type { AgentRecord, AgentRecords } from '../identities/AgentRecords';
import type { StateStore } from '../identities/StateStore';
import { iso } from '../store/times';
import type { CredentialRow, CredentialStore } from './CredentialStore';
import { FailureThrottle } from './FailureThrottle';
import { readSecret, sameDigest } from './secrets';

/** Tells whose secret one is, and which public keys an agent has. */
export class CredentialAuthenticator {
  readonly #store: CredentialStore;
  readonly #records: AgentRecords;
  readonly #states: StateStore;
  readonly #now: () => number;
  readonly #throttle = new FailureThrottle();

  constructor(options: {
    store: CredentialStore;
    records: AgentRecords;
    states: StateStore;
    now?: () => number;
  }) {
    this.#store = options.store;
    this.#records = options.records;
    this.#states = options.states;
    this.#now = options.now ?? Date.now;
  }

  async authenticate(request: {
    clientId: string;
    secret?: string;
    keyIds?: string[];
  }): Promise<CredentialCheck> {
    const { clientId, secret, keyIds } = request;
    if ((secret === undefined) === (keyIds === undefined)) {
      throw new InputError('Give one of secret and keyIds.');
    }
    const now = this.#now();
    const agentRef = fullRefOf(clientId, 'Agent');
    if (!agentRef) {
      return this.#refused(
        clientId,
        'The client id must be the entity ref of an agent, such as agent:default/claims-triage.',
        now,
      );
    }
    if (keyIds) {
      const good = await this.#store.goodKeys(agentRef, keyIds, now);
      const agent = good.length ? await this.#agent(agentRef, now) : undefined;
      const rows = good.filter(row => row.origin === agent?.origin);
      return rows.length
        ? {
            result: 'ok',
            agentRef,
            keys: rows.map(row => ({
              credentialId: row.id,
              jwk: JSON.parse(row.public_jwk!),
            })),
          }
        : this.#refused(
            agentRef,
            `${agentRef} has no public key that is good now${
              keyIds.length ? ' and has this key id' : ''
            }. Its owner can add one.`,
            now,
          );
    }
    const read = readSecret(secret!);
    const row = read && (await this.#store.get(read.credentialId));
    if (
      !row?.secret_hash ||
      !sameDigest(row.secret_hash, read!.digest) ||
      row.agent_ref !== agentRef
    ) {
      return this.#refused(
        agentRef,
        `The secret is none of ${agentRef}. Look for a typing error, or ask its owner for a new one.`,
        now,
      );
    }
    // Only now, so that guessing does not cost the catalog a question each time.
    const agent = await this.#agent(agentRef, now);
    const over = overOf(row, agent, now);
    if (over) {
      return this.#refused(agentRef, over, now);
    }
    await this.#used(row, agent, now);
    return { result: 'ok', agentRef, credentialId: row.id };
  }

  /** Notes that the private half of a public key was used. */
  async noteUse(id: string): Promise<void> {
    const row = await this.#store.get(id);
    if (row) {
      const now = this.#now();
      await this.#used(row, await this.#agent(row.agent_ref, now), now);
    }
  }

  async #agent(agentRef: string, now: number): Promise<AgentRecord> {
    return (await this.#records.read([agentRef], now)).get(agentRef)!;
  }

  async #used(
    row: CredentialRow,
    agent: AgentRecord,
    now: number,
  ): Promise<void> {
    if (
      (await this.#store.noteUse(row.id, now)) &&
      agent.entity &&
      !agent.row?.identity
    ) {
      await this.#states.noteIdentity(
        row.agent_ref,
        agent.entity.spec.identity ?? 'person',
        now,
      );
    }
  }

  #refused(client: string, reason: string, now: number): CredentialCheck {
    const retryAfterSeconds = this.#throttle.failed(client, now);
    return retryAfterSeconds === undefined
      ? { result: 'refused', reason }
      : {
          result: 'throttled',
          reason: `Too many wrong attempts of this client; try again in ${retryAfterSeconds} seconds.`,
          retryAfterSeconds,
        };
  }
}

function overOf(
  row: CredentialRow,
  agent: AgentRecord,
  now: number,
): string | undefined {
  if (row.revoked_at !== null) {
    return `The credential was revoked on ${iso(row.revoked_at).slice(
      0,
      10,
    )}. Ask the owner of ${row.agent_ref} for a new one.`;
  }
  if (row.origin !== agent.origin) {
    return `The credential was made for another ${row.agent_ref}, whose file was elsewhere. Ask its owner for a new one.`;
  }
  return Number(row.expires_at) <= now
    ? `The credential expired on ${iso(row.expires_at).slice(
        0,
        10,
      )}. Ask the owner of ${row.agent_ref} for a new one.`
    : undefined;
}
