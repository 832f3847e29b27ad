import {
  type AgentIdentity,
  AgentIdentityClient,
  type Delegation,
} from '@agentportal/plugin-agents-common';
import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  NotAllowedError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
import { principalOf } from '../acting/principalOf';
import { createPluginAsker } from '../http/createPluginAsker';
import type {
  ActingParty,
  ActiveAgent,
  AgentIdentities,
} from './AgentIdentities';
import { BatchedReader } from './BatchedReader';
import { isAgentPrincipal, subjectOfAgent } from './isAgentPrincipal';
import { isOfRevokedCredential } from './isOfRevokedCredential';
import { tokenDigestOf } from './tokenDigestOf';

/** How old an answer may be at a door. */
const MAX_AGE_MS = 2_000;
/** How often streams are looked at, and how old an answer may be for them. */
const WATCH_EVERY_MS = 1_000;
/** How long a stream may go on while nobody can tell whether it may. */
const UNKNOWN_FOR_MS = 10_000;
/** Makes tokens of agents for one plugin only. */
const AUTH = 'plugin:auth';
/** Whoever waits at a door should hear of a failure, not of nothing. */
const TIMEOUT_MS = 5_000;

/** Whoever wants to hear when a party may not act any more. */
interface Watched {
  credentials: BackstageCredentials;
  authorization: string | undefined;
  onEnd: (reason: Error) => void;
  /** When it was last known that it may. */
  knownAt: number;
  looking: boolean;
}

/** Asks the agents plugin, and remembers what it says for a moment. */
export class DefaultAgentIdentities implements AgentIdentities {
  readonly #delegations: BatchedReader<Delegation>;
  readonly #identities: BatchedReader<AgentIdentity>;
  readonly #revoked: BatchedReader<true>;
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    const { auth, discovery } = options;
    const client = new AgentIdentityClient({
      discoveryApi: discovery,
      fetchApi: { fetch },
    });
    const asked = createPluginAsker({
      auth,
      pluginId: 'agents',
      timeoutMs: TIMEOUT_MS,
      away: 'The agents plugin does not answer, so nobody knows whether the agent may act. Try again in a moment.',
    });
    this.#delegations = new BatchedReader({
      batchSize: 500,
      fetch: async ids => {
        const items = await asked(by => client.queryDelegations(ids, by));
        return new Map(items.map(item => [item.id, item]));
      },
    });
    this.#revoked = new BatchedReader({
      batchSize: 500,
      fetch: async digests => {
        const revoked = await asked(by =>
          client.queryRevokedTokens(digests, by),
        );
        return new Map(revoked.map(digest => [digest, true as const]));
      },
    });
    this.#identities = new BatchedReader({
      batchSize: 100,
      fetch: async refs => {
        const items = await asked(by => client.queryIdentities(refs, by));
        return new Map(items.map(item => [item.agentRef, item]));
      },
    });
  }

  resolve: AgentIdentities['resolve'] = (credentials, options) =>
    this.#resolve(
      credentials,
      options?.fresh ? 0 : MAX_AGE_MS,
      options?.authorization,
    );

  watch(
    credentials: BackstageCredentials,
    onEnd: (reason: Error) => void,
    options: { authorization?: string } = {},
  ): () => void {
    if (!isAgentPrincipal(credentials)) {
      return () => {};
    }
    const watched: Watched = {
      credentials,
      authorization: options.authorization,
      onEnd,
      knownAt: performance.now(),
      looking: false,
    };
    this.#watched.add(watched);
    // One timer for all, so that all of them are asked for in one request.
    this.#timer ??= setInterval(
      () => this.#watched.forEach(each => void this.#look(each)),
      WATCH_EVERY_MS,
    ).unref();
    return () => this.#unwatch(watched);
  }

  async #look(watched: Watched): Promise<void> {
    if (watched.looking) {
      return;
    }
    watched.looking = true;
    try {
      const { credentials, authorization } = watched;
      await this.#resolve(credentials, WATCH_EVERY_MS / 2, authorization);
      watched.knownAt = performance.now();
    } catch (error) {
      const unknownFor = performance.now() - watched.knownAt;
      if (
        this.#watched.has(watched) &&
        (!ServiceUnavailableError.is(error) || unknownFor >= UNKNOWN_FOR_MS)
      ) {
        this.#unwatch(watched);
        watched.onEnd(toError(error));
      }
    } finally {
      watched.looking = false;
    }
  }

  #unwatch(watched: Watched): void {
    this.#watched.delete(watched);
    if (!this.#watched.size) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  async #resolve(
    credentials: BackstageCredentials,
    maxAgeMs: number,
    authorization: string | undefined,
  ): Promise<ActingParty> {
    const principal = principalOf(credentials);
    if (principal.type !== 'user') {
      return principal;
    }
    const { userEntityRef, actor } = principal;
    const subject = subjectOfAgent(userEntityRef);
    if (!subject) {
      return {
        type: 'person',
        personRef: userEntityRef,
        ...(actor && { actor }),
      };
    }
    const acting =
      subject.type === 'delegation'
        ? await this.#delegated(subject, maxAgeMs)
        : await this.#own(subject.agentRef, maxAgeMs);
    // Of a delegation the row ends, and plugins make a token for each request.
    if (
      authorization &&
      !acting.delegation &&
      (!actor || actor === AUTH) &&
      (isOfRevokedCredential(authorization, acting.agent) ||
        (await this.#revoked.read(tokenDigestOf(authorization), maxAgeMs)))
    ) {
      throw new AuthenticationError(
        'This token was revoked, or the credential that it came of. Get another one from the token endpoint.',
      );
    }
    return { ...acting, ...(actor && { actor }) };
  }

  async #delegated(
    { id, ref }: { id: string; ref: string },
    maxAgeMs: number,
  ): Promise<Extract<ActingParty, { type: 'agent' }>> {
    const delegation = await this.#delegations.read(id, maxAgeMs);
    if (!delegation || delegation.ref !== ref) {
      throw new NotAllowedError(
        `There is no ${ref}: the work that this token is for ended some time ago. Start it again.`,
      );
    }
    if (delegation.state !== 'active') {
      throw new NotAllowedError(
        delegation.reason ?? `The work is ${delegation.state}.`,
      );
    }
    const { agent, agentRef, personRef } = delegation;
    return {
      type: 'agent',
      agentRef,
      agent: agent as ActiveAgent,
      ...(personRef && { personRef }),
      delegation,
    };
  }

  async #own(
    agentRef: string,
    maxAgeMs: number,
  ): Promise<Extract<ActingParty, { type: 'agent' }>> {
    const agent = await this.#identities.read(agentRef, maxAgeMs);
    if (!agent?.inOwnName.allowed) {
      throw new NotAllowedError(
        agent?.inOwnName.reason ?? `There is no ${agentRef}.`,
      );
    }
    return { type: 'agent', agentRef, agent: agent as ActiveAgent };
  }
}
