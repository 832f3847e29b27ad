import { isError, ServiceUnavailableError } from '@backstage/errors';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { WorkloadIssuer } from '../config';

const TIMEOUT_MS = 5_000;
const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Whether an error says that somebody is away, and not that something is wrong. */
export function isServiceUnavailable(error: unknown): boolean {
  return isError(error) && error.name === 'ServiceUnavailableError';
}

/** The public keys of the configured issuers, found by discovery when nothing is configured. */
export class IssuerKeys {
  readonly #sets = new Map<string, Promise<JWTVerifyGetKey>>();

  async of(workload: WorkloadIssuer): Promise<JWTVerifyGetKey> {
    let set = this.#sets.get(workload.issuer);
    if (!set) {
      set = this.#find(workload);
      this.#sets.set(workload.issuer, set);
      set.catch(() => this.#sets.delete(workload.issuer));
    }
    return set;
  }

  async #find(workload: WorkloadIssuer): Promise<JWTVerifyGetKey> {
    const uri = workload.jwksUri ?? (await discover(workload.issuer));
    const keys = createRemoteJWKSet(new URL(uri), {
      timeoutDuration: TIMEOUT_MS,
    });
    return async (header, token) => {
      try {
        return await keys(header, token);
      } catch (error) {
        // That no key fits is a fault of the token; everything else, of the issuer.
        if (
          error instanceof errors.JWKSNoMatchingKey ||
          error instanceof errors.JWKSMultipleMatchingKeys ||
          error instanceof errors.JOSENotSupported
        ) {
          throw error;
        }
        throw away(workload.issuer, error);
      }
    };
  }
}

async function discover(issuer: string): Promise<string> {
  try {
    const response = await fetch(
      `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`,
      { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' },
    );
    if (!response.ok) {
      throw new Error(`it answered ${response.status}`);
    }
    const document = discoverySchema.parse(await response.json());
    if (document.issuer !== issuer) {
      throw new Error(`its document is of ${document.issuer}`);
    }
    return document.jwks_uri;
  } catch (error) {
    throw away(issuer, error);
  }
}

function away(issuer: string, cause: unknown): Error {
  return new ServiceUnavailableError(
    `The keys of ${issuer} cannot be read.`,
    cause as Error,
  );
}
