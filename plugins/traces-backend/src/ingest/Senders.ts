import type { AgentIdentities } from '@agentportal/plugin-agents-node';
import { spanWritePermission } from '@agentportal/plugin-traces-common';
import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { LRUCache } from 'lru-cache';

/** A change of the policy reaches those who send within this time. */
const REMEMBER_MS = 5_000;

/** Who sends spans, and what counts of what they say. */
export interface Sender {
  /** Entity ref or subject. */
  ref: string;
  /** Its spans count for this agent alone; absent for those who may say of which they are. */
  agentRef?: string;
  /** For whom that agent acts. */
  personRef?: string;
}

/** Tells who may send which spans. */
export class Senders {
  readonly #identities: AgentIdentities;
  readonly #permissions: PermissionsService;
  readonly #writers = new LRUCache<string, boolean>({
    max: 10_000,
    ttl: REMEMBER_MS,
  });

  constructor(options: {
    identities: AgentIdentities;
    permissions: PermissionsService;
  }) {
    this.#identities = options.identities;
    this.#permissions = options.permissions;
  }

  /** @throws NotAllowedError for who may send none */
  async of(
    credentials: BackstageCredentials,
    authorization: string | undefined,
  ): Promise<Sender> {
    const party = await this.#identities.resolve(credentials, {
      authorization,
    });
    const maySayWhose =
      party.type !== 'none' &&
      (await this.#isWriter(credentials, authorization));
    if (party.type === 'agent') {
      const { agentRef, personRef } = party;
      return maySayWhose
        ? { ref: agentRef }
        : { ref: agentRef, agentRef, ...(personRef && { personRef }) };
    }
    if (!maySayWhose) {
      throw new NotAllowedError(
        'You need the permission traces.span.write to send spans, or the token of the agent that they are of.',
      );
    }
    return {
      ref: party.type === 'service' ? party.subject : party.personRef!,
    };
  }

  async #isWriter(
    credentials: BackstageCredentials,
    authorization: string | undefined,
  ): Promise<boolean> {
    const known = authorization && this.#writers.get(authorization);
    if (known !== undefined && known !== '') {
      return known;
    }
    const [{ result }] = await this.#permissions.authorize(
      [{ permission: spanWritePermission }],
      { credentials },
    );
    const isWriter = result === AuthorizeResult.ALLOW;
    if (authorization) {
      this.#writers.set(authorization, isWriter);
    }
    return isWriter;
  }
}
