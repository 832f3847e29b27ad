import { fullRefOf } from '@agentportal/plugin-agents-common';
import { importJWK } from 'jose';
import type { AgentRows } from '../AgentRows';
import { OAuthError } from '../oauth/OAuthError';
import { claimsOf, verifyAssertion } from './assertions';
import { readClientProof } from './clientCredentials';
import type { UsedAssertions } from './UsedAssertions';

/** An agent that proved who it is. */
export interface AgentClient {
  agentRef: string;
  /** Id of the credential that it used. */
  credentialId: string;
}

/** The agent that a request says it comes from, when that is the ref of one. */
export function claimedBy(request: {
  authorization?: string;
  body: unknown;
}): string | undefined {
  try {
    const proof = readClientProof(request.authorization, request.body);
    return fullRefOf(
      proof.type === 'secret'
        ? proof.clientId
        : claimsOf(proof.assertion, 'invalid_client').sub,
      'Agent',
    );
  } catch {
    return undefined;
  }
}

/** Finds out which agent a request comes from. */
export class ClientAuthenticator {
  readonly #rows: AgentRows;
  readonly #used: UsedAssertions;
  readonly #issuer: string;

  constructor(options: {
    rows: AgentRows;
    used: UsedAssertions;
    issuer: string;
  }) {
    this.#rows = options.rows;
    this.#used = options.used;
    this.#issuer = options.issuer;
  }

  /** @throws OAuthError `invalid_client` when the proof does not hold */
  async authenticate(request: {
    authorization?: string;
    body: unknown;
  }): Promise<AgentClient> {
    const proof = readClientProof(request.authorization, request.body);
    if (proof.type === 'secret') {
      const agentRef = agentRefOf(proof.clientId);
      const credentialId = await this.#rows.credentialOf(
        agentRef,
        proof.secret,
      );
      if (!credentialId) {
        throw refused();
      }
      return { agentRef, credentialId };
    }
    const code = 'invalid_client';
    const { kid, ...claims } = claimsOf(proof.assertion, code);
    if (
      claims.iss !== claims.sub ||
      (proof.clientId !== undefined && proof.clientId !== claims.sub)
    ) {
      throw new OAuthError(
        code,
        'iss and sub of the assertion, and client_id if it is given, must all be the ref of the agent.',
      );
    }
    const agentRef = agentRefOf(claims.sub);
    const keys = await this.#rows.publicKeys(agentRef);
    if (!keys.length) {
      throw refused();
    }
    const key = chosenKey(keys, kid);
    await verifyAssertion(proof.assertion, {
      keys: async ({ alg }) => importJWK(key.jwk, alg),
      issuer: claims.iss,
      audience: [this.#issuer, `${this.#issuer}/token`],
      once: true,
      used: this.#used,
      code,
    });
    await this.#rows.noteUse(key.credentialId);
    return { agentRef, credentialId: key.credentialId };
  }
}

type OwnKey = Awaited<ReturnType<AgentRows['publicKeys']>>[number];

/** The key that the assertion names, by the credential's id or the key's own name. */
function chosenKey(keys: OwnKey[], kid: string | undefined): OwnKey {
  const named = keys.find(
    ({ credentialId, jwk }) => kid === credentialId || kid === jwk.kid,
  );
  const key = named ?? (keys.length === 1 ? keys[0] : undefined);
  if (!key) {
    throw new OAuthError(
      'invalid_client',
      `The agent has several keys. Name one in the header kid of the assertion by the id of its credential.`,
    );
  }
  return key;
}

/** The same words for every reason, so that nobody can find out which agents exist. */
function refused(): OAuthError {
  return new OAuthError(
    'invalid_client',
    'There is no such agent with such a credential, or the credential has expired or was revoked.',
  );
}

function agentRefOf(clientId: string): string {
  const ref = fullRefOf(clientId, 'Agent');
  if (!ref) {
    throw refused();
  }
  return ref;
}
