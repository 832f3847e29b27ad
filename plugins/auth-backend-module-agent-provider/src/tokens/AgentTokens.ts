import { randomUUID } from 'node:crypto';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  isError,
  NotAllowedError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { AuthResolverContext } from '@backstage/plugin-auth-node';
import { decodeJwt } from 'jose';
import type { Delegation } from '@agentportal/plugin-agents-common';
import { toOutage } from '@agentportal/plugin-agents-node';

/** A token, and when it ends. */
export interface IssuedToken {
  token: string;
  expiresAt: Date;
}

/**
 * Makes Backstage tokens: of an agent for itself, whose subject is the agent, and of a
 * delegation, whose subject is the delegation. Either owns nothing but its own name.
 */
export class AgentTokens {
  readonly #auth: AuthService;
  readonly #guestRef?: string;
  #context?: AuthResolverContext;

  constructor(options: { auth: AuthService; guestRef?: string }) {
    this.#auth = options.auth;
    this.#guestRef = options.guestRef;
  }

  /** Backstage gives the means to sign only to the factory of a provider. */
  useContext(context: AuthResolverContext): void {
    this.#context = context;
  }

  /** A token of an agent that acts for itself. */
  async forAgent(agentRef: string, credentialId: string): Promise<IssuedToken> {
    return this.#issue({
      sub: agentRef,
      ent: [agentRef],
      client_id: agentRef,
      credential: credentialId,
    });
  }

  /**
   * A token of a delegation.
   *
   * @throws NotAllowedError when the person is not in the catalog any more
   */
  async forDelegation(delegation: Delegation): Promise<IssuedToken> {
    await this.ownershipOf(delegation);
    return this.#issue({
      sub: delegation.ref,
      // Not what the person owns: whoever decides by that alone would take it for the person.
      ent: [delegation.ref],
      client_id: delegation.agentRef,
      act: actorsOf(delegation.chain),
    });
  }

  /**
   * For whom an agent works, and by what they own things. It is asked anew each time:
   * for somebody who left the company nothing acts any more.
   *
   * @throws NotAllowedError when the person is not in the catalog any more
   */
  async ownershipOf({ agentRef, personRef }: Delegation): Promise<{
    userEntityRef: string;
    ownershipEntityRefs: string[];
  }> {
    return {
      userEntityRef: personRef ?? agentRef,
      ownershipEntityRefs: personRef
        ? await this.#ownershipOf(personRef)
        : [agentRef],
    };
  }

  /** The same right, in a token that one plugin takes and no other. */
  async restrictTo(
    pluginId: string,
    { token, expiresAt }: IssuedToken,
  ): Promise<IssuedToken> {
    const restricted = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.authenticate(token),
      targetPluginId: pluginId,
    });
    return { token: restricted.token, expiresAt };
  }

  async #issue(claims: {
    sub: string;
    ent: string[];
    [claim: string]: unknown;
  }): Promise<IssuedToken> {
    const { token } = await this.#ready()
      .issueToken({ claims: { jti: randomUUID(), ...claims } as never })
      .catch(error => {
        throw toOutage(error);
      });
    return { token, expiresAt: new Date((decodeJwt(token).exp ?? 0) * 1000) };
  }

  async #ownershipOf(personRef: string): Promise<string[]> {
    const context = this.#ready();
    try {
      const { entity } = await context.findCatalogUser({
        entityRef: personRef,
      });
      const { ownershipEntityRefs } = await context.resolveOwnershipEntityRefs(
        entity,
      );
      return [...new Set([personRef, ...ownershipEntityRefs])];
    } catch (error) {
      if (!isError(error) || error.name !== 'NotFoundError') {
        throw new ServiceUnavailableError(
          `The catalog cannot be asked about ${personRef}.`,
          error as Error,
        );
      }
      if (personRef === this.#guestRef) {
        return [personRef];
      }
      throw new NotAllowedError(
        `${personRef} is not in the catalog any more, so nothing acts for them.`,
      );
    }
  }

  #ready(): AuthResolverContext {
    if (!this.#context) {
      throw new ServiceUnavailableError('The auth plugin has not started yet.');
    }
    return this.#context;
  }
}

/** RFC 8693, section 4.1: the agent that acts now is outside, those before it are nested. */
export function actorsOf(chain: string[]): object | undefined {
  return chain.reduce<object | undefined>(
    (act, sub) => ({ sub, ...(act && { act }) }),
    undefined,
  );
}
