import {
  AgentIdentityClient,
  type Delegation,
  type NewDelegation,
} from '@agentportal/plugin-agents-common';
import {
  type AgentIdentities,
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  NotAllowedError,
  NotFoundError,
  ResponseError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { retryWrite } from '../workers/retryWrite';
import { waitOut } from './waitOut';

const TIMEOUT_MS = 10_000;
/** A token is made anew this long before it ends; no call takes longer to arrive. */
const RENEW_BEFORE_MS = 60_000;
const MAX_REMEMBERED = 5_000;
/** A token for a plugin is signed again after this long, and not for each call. */
const TOKEN_USED_FOR_MS = 30_000;

const tokenSchema = z.object({
  token: z.string(),
  expiresAt: z.iso.datetime({ offset: true }),
});

/** Tokens by plugin. */
type PluginTokens = Map<string, { token: Promise<string>; until: number }>;

interface MintedCredentials {
  credentials: BackstageCredentials;
  renewAt: number;
}

/**
 * The right to work on a run: a row in the agents plugin, and short-lived tokens that the
 * auth plugin makes of it. No token of a person is kept.
 */
export class RunDelegations {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #identities: AgentIdentities;
  readonly #logger: LoggerService;
  readonly #client: AgentIdentityClient;
  readonly #askAgents: PluginAsker;
  readonly #askAuth: PluginAsker;
  readonly #tokens = new WeakMap<BackstageCredentials, PluginTokens>();
  readonly #minted = new LRUCache<string, Promise<MintedCredentials>>({
    max: MAX_REMEMBERED,
  });

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    identities: AgentIdentities;
    logger: LoggerService;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#identities = options.identities;
    this.#logger = options.logger;
    this.#client = new AgentIdentityClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
    const askerOf = (pluginId: string) =>
      createPluginAsker({
        auth: options.auth,
        pluginId,
        timeoutMs: TIMEOUT_MS,
        away: `The ${pluginId} plugin does not answer as it should, and without it no agent works. Try again in a moment.`,
        answers: [NotAllowedError, NotFoundError],
      });
    this.#askAgents = askerOf('agents');
    this.#askAuth = askerOf('auth');
  }

  /** Whether an agent is at work in production, as people approved and whatever its file says. */
  async isInProduction(agentRef: string): Promise<boolean> {
    const [identity] = await this.#askAgents(by =>
      this.#client.queryIdentities([agentRef], by),
    );
    return identity?.state === 'active' && identity.lifecycle === 'production';
  }

  /**
   * Writes down that an agent begins to work.
   *
   * @throws NotAllowedError in a sentence, when the agent may not
   */
  begin(delegation: NewDelegation): Promise<Delegation> {
    return this.#askAgents(by => this.#client.createDelegation(delegation, by));
  }

  /**
   * The work is over. What cannot be told ends by itself when its time is up.
   *
   * @param retry - how long it is tried again; once unless given
   */
  async end(
    id: string,
    reason: string,
    retry: Parameters<typeof retryWrite>[1] = { forMs: 0 },
  ): Promise<void> {
    this.#minted.delete(id);
    try {
      await retryWrite(async () => {
        try {
          await this.#askAgents(by =>
            this.#client.endDelegation(id, reason, by),
          );
        } catch (error) {
          // What is not there any more has ended.
          if (!NotFoundError.is(error)) {
            throw error;
          }
        }
      }, retry);
    } catch (error) {
      this.#logger.warn(
        `The delegation ${id} could not be ended, and ends by itself later: ${error}`,
      );
    }
  }

  /**
   * Credentials with which plugins are called for the delegation. While nobody can make
   * them it waits, until the signal is aborted.
   *
   * @throws NotAllowedError when it has ended
   */
  credentials(id: string, signal: AbortSignal): Promise<BackstageCredentials> {
    return waitOut(() => this.#credentials(id), signal);
  }

  async #credentials(id: string): Promise<BackstageCredentials> {
    let minted = this.#minted.get(id);
    if (!minted || (await minted).renewAt <= Date.now()) {
      minted = this.#mint(id);
      this.#minted.set(id, minted);
      minted.catch(() => this.#minted.delete(id));
    }
    return (await minted).credentials;
  }

  /** A token with which a plugin is called for the delegation. */
  async token(
    id: string,
    targetPluginId: string,
    signal: AbortSignal,
  ): Promise<string> {
    const credentials = await this.credentials(id, signal);
    const tokens = this.#tokens.get(credentials) ?? new Map();
    this.#tokens.set(credentials, tokens);
    const known = tokens.get(targetPluginId);
    if (known && known.until > Date.now()) {
      return known.token;
    }
    const made = this.#auth
      .getPluginRequestToken({ onBehalfOf: credentials, targetPluginId })
      .then(({ token }) => token);
    made.catch(() => tokens.delete(targetPluginId));
    const until = Date.now() + TOKEN_USED_FOR_MS;
    tokens.set(targetPluginId, { token: made, until });
    return made;
  }

  /**
   * Calls `onEnd` once when the delegation may be used no more. That nobody can tell is no
   * such reason: meanwhile no gateway lets its agent do anything.
   */
  async watch(
    id: string,
    signal: AbortSignal,
    onEnd: (reason: Error) => void,
  ): Promise<() => void> {
    const credentials = await this.credentials(id, signal);
    let unwatch = () => {};
    const watch = () => {
      unwatch = this.#identities.watch(credentials, reason =>
        ServiceUnavailableError.is(reason) ? watch() : onEnd(reason),
      );
    };
    watch();
    return () => unwatch();
  }

  /**
   * Why the work was ended by somebody else, if it was. Asked anew, because a gateway may
   * have heard of it before this process did.
   */
  async reasonOfEnd(id: string): Promise<Error | undefined> {
    try {
      return (await this.reasonsOfEnd([id])).get(id);
    } catch (error) {
      this.#logger.warn(
        `Whether the delegation ${id} has ended could not be found out: ${error}`,
      );
      return undefined;
    }
  }

  /**
   * The same of up to 500, by id, of those that were ended.
   *
   * @throws ServiceUnavailableError when nobody knows
   */
  async reasonsOfEnd(ids: string[]): Promise<Map<string, Error>> {
    const found = await this.#askAgents(by =>
      this.#client.queryDelegations(ids, by),
    );
    return new Map(
      found
        .filter(({ state }) => state !== 'active')
        .map(({ id, reason, state }) => [
          id,
          new NotAllowedError(reason ?? `The work is ${state}.`),
        ]),
    );
  }

  async #mint(id: string): Promise<MintedCredentials> {
    return this.#askAuth(async ({ token: own, signal }) => {
      const baseUrl = await this.#discovery.getBaseUrl('auth');
      const response = await fetch(
        `${baseUrl}/agent/delegations/${encodeURIComponent(id)}/token`,
        { method: 'POST', headers: { authorization: `Bearer ${own}` }, signal },
      );
      if (!response.ok) {
        throw await ResponseError.fromResponse(response);
      }
      const { token, expiresAt } = tokenSchema.parse(await response.json());
      return {
        credentials: await this.#auth.authenticate(token),
        renewAt: Date.parse(expiresAt) - RENEW_BEFORE_MS,
      };
    });
  }
}
