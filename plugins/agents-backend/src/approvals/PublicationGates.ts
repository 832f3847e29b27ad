import {
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import { EvalsClient } from '@agentportal/plugin-evals-common';
import type {
  AuthService,
  DiscoveryService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';

const TIMEOUT_MS = 10_000;

/**
 * What agents must show in evaluations before what was changed in them comes into force. The
 * evals plugin says whether they do; while it is away nobody knows, and changes wait.
 */
export class PublicationGates {
  readonly #evals: EvalsClient;
  readonly #ask: PluginAsker;

  private constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
  }) {
    this.#evals = new EvalsClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'evals',
      timeoutMs: TIMEOUT_MS,
      away: 'Whether it passes its evaluations is not known at the moment.',
    });
  }

  /** Undefined where the operator has set none (`evals.gates`). */
  static fromConfig(
    config: RootConfigService,
    options: { auth: AuthService; discovery: DiscoveryService },
  ): PublicationGates | undefined {
    return config.has('evals.gates')
      ? new PublicationGates(options)
      : undefined;
  }

  /** Why what the file of an agent says may not come into force, if it may not. */
  async whyNot(agentRef: string): Promise<string | undefined> {
    try {
      const gate = await this.#ask(options =>
        this.#evals.getGate({ agentRef }, options),
      );
      return gate.passed ? undefined : gate.sentence;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** @throws ConflictError with the reason why it may not */
  async require(agentRef: string): Promise<void> {
    const reason = await this.whyNot(agentRef);
    if (reason) {
      throw new ConflictError(
        `What its file says cannot be published yet. ${reason}`,
      );
    }
  }
}
