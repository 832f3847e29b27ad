import type { components } from '../generated/openapi';
import {
  type AgentsApiConnection,
  type AgentsRequestOptions,
  openAgentsApi,
} from './openAgentsApi';

/**
 * The rules in force for tool calls of agents.
 *
 * @public
 */
export type EffectiveRules = components['schemas']['EffectiveRules'];

/**
 * How often a rule matched since that was last told, with some of the calls.
 *
 * @public
 */
export type RuleHits = components['schemas']['RuleHits'];

/**
 * What the plugins that judge tool calls ask the agents plugin, in their own name.
 * Methods reject with a `ResponseError` when the backend refuses.
 *
 * @public
 */
export class AgentRulesClient {
  readonly #connection: AgentsApiConnection;

  constructor(connection: AgentsApiConnection) {
    this.#connection = connection;
  }

  /** Reads the rules; they are left out while they are of the version that is known. */
  async getEffectiveRules(
    version: string | undefined,
    options: AgentsRequestOptions,
  ): Promise<EffectiveRules> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/rules/effective', {
      params: { query: version ? { version } : {} },
    });
    return data!;
  }

  /** Tells what rules matched. */
  async noteRuleHits(
    hits: RuleHits[],
    options: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('post', '/rules/hits', { body: { hits } });
  }
}
