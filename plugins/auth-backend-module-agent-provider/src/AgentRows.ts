import {
  AgentIdentityClient,
  type Delegation,
  type NewDelegation,
} from '@agentportal/plugin-agents-common';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  isError,
  NotAllowedError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { JWK } from 'jose';
import { z } from 'zod';
import { OAuthError } from './oauth/OAuthError';

const TIMEOUT_MS = 10_000;

/** What is asked of the agents plugin, which keeps credentials and delegations. */
export class AgentRows {
  readonly #auth: AuthService;
  readonly #client: AgentIdentityClient;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.#auth = options.auth;
    this.#client = new AgentIdentityClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
  }

  /** Id of the credential with this secret, if the agent has one. */
  async credentialOf(
    agentRef: string,
    secret: string,
  ): Promise<string | undefined> {
    const check = await this.#check({ clientId: agentRef, secret });
    return check.result === 'ok' ? check.credentialId : undefined;
  }

  /** The public keys of an agent. */
  async publicKeys(
    agentRef: string,
  ): Promise<Array<{ credentialId: string; jwk: JWK }>> {
    const { keys = [] } = await this.#check({ clientId: agentRef, keyIds: [] });
    return keys as Array<{ credentialId: string; jwk: JWK }>;
  }

  noteUse(credentialId: string): Promise<void> {
    return this.#ask(by => this.#client.noteCredentialUse(credentialId, by));
  }

  /** @throws NotAllowedError when the agent may not act without a person */
  async requireOwnIdentity(agentRef: string): Promise<void> {
    const { inOwnName } = await this.#identity(agentRef);
    if (!inOwnName.allowed) {
      throw new NotAllowedError(
        inOwnName.reason ?? `${agentRef} may not act in its own name.`,
      );
    }
  }

  async isActive(agentRef: string): Promise<boolean> {
    return (await this.#identity(agentRef)).state === 'active';
  }

  /** @throws NotAllowedError with the sentence that says why not */
  delegate(delegation: NewDelegation): Promise<Delegation> {
    return this.#ask(by => this.#client.createDelegation(delegation, by));
  }

  async delegation(id: string): Promise<Delegation | undefined> {
    if (!z.uuid().safeParse(id).success) {
      return undefined;
    }
    const [found] = await this.#ask(by =>
      this.#client.queryDelegations([id], by),
    );
    return found;
  }

  endDelegation(id: string, reason: string): Promise<void> {
    return this.#ask(by => this.#client.endDelegation(id, reason, by));
  }

  revokeToken(digest: string, expiresAt: Date): Promise<void> {
    return this.#ask(by =>
      this.#client.revokeToken(
        { jti: digest, expiresAt: expiresAt.toISOString() },
        by,
      ),
    );
  }

  async isRevoked(digest: string): Promise<boolean> {
    const revoked = await this.#ask(by =>
      this.#client.queryRevokedTokens([digest], by),
    );
    return revoked.includes(digest);
  }

  async #identity(agentRef: string) {
    const [identity] = await this.#ask(by =>
      this.#client.queryIdentities([agentRef], by),
    );
    return identity;
  }

  async #check(
    proof: Parameters<AgentIdentityClient['authenticateCredential']>[0],
  ) {
    const check = await this.#ask(by =>
      this.#client.authenticateCredential(proof, by),
    );
    if (check.result === 'throttled') {
      throw new OAuthError(
        'temporarily_unavailable',
        check.reason ?? 'Too many attempts. Try again later.',
      );
    }
    return check;
  }

  /** Whatever is no answer and no refusal of the agents plugin means that it is away. */
  async #ask<T>(
    ask: (by: { token: string; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    try {
      const { token } = await this.#auth.getPluginRequestToken({
        onBehalfOf: await this.#auth.getOwnServiceCredentials(),
        targetPluginId: 'agents',
      });
      return await ask({ token, signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      const cause =
        isError(error) && isError(error.cause) ? error.cause : error;
      if (isError(cause) && cause.name === 'NotAllowedError') {
        throw new NotAllowedError(cause.message);
      }
      throw new ServiceUnavailableError(
        'The agents plugin does not answer as it should.',
        error,
      );
    }
  }
}
