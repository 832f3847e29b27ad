import type { ApprovalKey } from '@agentportal/plugin-agents-common';
import { NotAllowedError } from '@backstage/errors';
import { importJWK, jwtVerify } from 'jose';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v4';

/**
 * What a grant is by its header, who makes it and for whom, in one place for both.
 *
 * @public
 */
export const APPROVAL_GRANT = {
  typ: 'agent-approval+jwt',
  alg: 'EdDSA',
  issuer: 'plugin:agents',
  audience: 'plugin:tools',
} as const;

/** A key that nobody knows is asked for again, once in this time for all forged grants. */
const READ_AGAIN_MS = 2_000;
const CLOCKS_DIFFER_SECONDS = 10;

const claimsSchema = z.object({
  jti: z.string().min(1),
  sub: z.string().min(1),
  approvalId: z.uuid(),
  cnf: z.object({ digest: z.string().min(1) }),
  runId: z.string().min(1).optional(),
  approvers: z.array(z.string()),
});

/**
 * What a grant says, once it is known to be true.
 *
 * @public
 */
export interface VerifiedGrant {
  approvalId: string;
  jti: string;
  digest: string;
  agentRef: string;
  /** The run that asked; absent when a program did. */
  runId?: string;
  approvers: string[];
}

/**
 * Verifies the grants of approvals, where calls are made. That a grant was not used
 * before is found out by redeeming it.
 *
 * @public
 */
export class ApprovalGrants {
  readonly #readKeys: () => Promise<ApprovalKey[]>;
  #read?: { at: number; keys: Promise<ApprovalKey[]> };

  /** @param options.readKeys - asks the agents plugin, `ApprovalRequestsClient.getKeys` */
  constructor(options: { readKeys: () => Promise<ApprovalKey[]> }) {
    this.#readKeys = options.readKeys;
  }

  /**
   * @param digest - of what is about to be done, see {@link actionDigest}
   * @throws NotAllowedError when it is not ours, is over, or is for something else
   */
  async verify(
    grant: string,
    { digest, runId }: { digest: string; runId?: string },
  ): Promise<VerifiedGrant> {
    const claims = await this.#claimsOf(grant);
    if (claims.cnf.digest !== digest) {
      throw new NotAllowedError(
        'The approval is for another call: its arguments, its tool or the rules have changed since. Ask again.',
      );
    }
    if (claims.runId !== runId) {
      throw new NotAllowedError(
        'The approval is for another run. Ask again in this one.',
      );
    }
    const { approvalId, jti, sub, approvers } = claims;
    return {
      approvalId,
      jti,
      digest,
      agentRef: sub,
      approvers,
      ...(runId && { runId }),
    };
  }

  async #claimsOf(grant: string) {
    // Whoever cannot be asked for keys is away, which is no fault of the grant.
    let outage: unknown;
    try {
      const { payload } = await jwtVerify(
        grant,
        async ({ kid }) => {
          const key = await this.#keyOf(kid).catch(error => {
            outage = error;
            throw error;
          });
          if (!key) {
            throw new Error('nobody here knows its key');
          }
          return importJWK({ ...key }, APPROVAL_GRANT.alg);
        },
        {
          algorithms: [APPROVAL_GRANT.alg],
          typ: APPROVAL_GRANT.typ,
          issuer: APPROVAL_GRANT.issuer,
          audience: APPROVAL_GRANT.audience,
          requiredClaims: ['exp', 'iat', 'jti', 'sub'],
          clockTolerance: CLOCKS_DIFFER_SECONDS,
        },
      );
      return claimsSchema.parse(payload);
    } catch (error) {
      throw (
        outage ??
        new NotAllowedError(
          `The grant of the approval is not good: ${
            (error as Error).message
          }. Ask for a new one.`,
        )
      );
    }
  }

  async #keyOf(kid: string | undefined): Promise<ApprovalKey | undefined> {
    const asked = performance.now();
    const keyIn = (keys: ApprovalKey[]) => keys.find(each => each.kid === kid);
    const known = keyIn(await this.#keysSince(-Infinity));
    if (known || !this.#read || this.#read.at >= asked) {
      return known;
    }
    // What was read before the grant came may lack its key: another process signs with it.
    const waitMs = this.#read.at + READ_AGAIN_MS - asked;
    if (waitMs > 0) {
      await sleep(waitMs);
    }
    return keyIn(await this.#keysSince(asked));
  }

  /** The keys, as they were at that moment or later. */
  #keysSince(time: number): Promise<ApprovalKey[]> {
    if (!this.#read || this.#read.at < time) {
      const read = { at: performance.now(), keys: this.#readKeys() };
      this.#read = read;
      read.keys.catch(() => {
        if (this.#read === read) {
          this.#read = undefined;
        }
      });
    }
    return this.#read.keys;
  }
}
