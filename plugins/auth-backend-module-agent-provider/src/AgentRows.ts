import {
  AgentIdentityClient,
  type CredentialCheck,
  type Delegation,
  type NewDelegation,
} from '@agentportal/plugin-agents-common';
import {
  createPluginAsker,
  isOfRevokedCredential,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { InputError, isError, NotAllowedError } from '@backstage/errors';
import type { JWK } from 'jose';
import { z } from 'zod';
import { OAuthError } from './oauth/OAuthError';

const TIMEOUT_MS = 10_000;

/** What is asked of the agents plugin, which keeps credentials and delegations. */
export class AgentRows {
  readonly #ask: PluginAsker;
  readonly #client: AgentIdentityClient;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'agents',
      timeoutMs: TIMEOUT_MS,
      away: 'The agents plugin does not answer as it should.',
      answers: [NotAllowedError, InputError],
    });
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

  /**
   * Throws unless an agent may use a token in its own name.
   *
   * @throws NotAllowedError with the sentence that says why not
   */
  async requireOwnToken(agentRef: string, token: string): Promise<void> {
    const identity = await this.#identity(agentRef);
    const { allowed, reason } = identity.inOwnName;
    if (!allowed || isOfRevokedCredential(token, identity)) {
      throw new NotAllowedError(
        reason ?? `The credential of ${agentRef} was revoked.`,
      );
    }
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
    ).catch((error): CredentialCheck => {
      // What cannot be a name or a secret at all is nobody's.
      if (isError(error) && error.name === 'InputError') {
        return { result: 'refused' };
      }
      throw error;
    });
    if (check.result === 'throttled') {
      throw new OAuthError(
        'temporarily_unavailable',
        check.reason ?? 'Too many attempts. Try again later.',
      );
    }
    return check;
  }
}
