import type { components } from '../generated/openapi';
import {
  type AgentsApiConnection,
  type AgentsRequestOptions,
  openAgentsApi,
} from './openAgentsApi';

/**
 * A text of rules for tool calls, with what of it is in force.
 *
 * @public
 */
export type RuleText = components['schemas']['RuleText'];

/**
 * A page of texts of rules.
 *
 * @public
 */
export type RuleTextPage = components['schemas']['RuleTextPage'];

/**
 * A text of rules as it is to be.
 *
 * @public
 */
export type NewRuleText = components['schemas']['NewRuleText'];

/**
 * What a text of rules was before, a page of it.
 *
 * @public
 */
export type RuleTextVersionPage = components['schemas']['RuleTextVersionPage'];

/**
 * A mistake in a text of rules.
 *
 * @public
 */
export type RuleTextProblem = components['schemas']['RuleProblem'];

/**
 * On which recorded calls a text of rules is tried.
 *
 * @public
 */
export type RuleSimulationRequest =
  components['schemas']['RuleSimulationRequest'];

/**
 * What a text of rules would have done.
 *
 * @public
 */
export type RuleSimulation = components['schemas']['RuleSimulation'];

/**
 * What rules refused, or would have refused.
 *
 * @public
 */
export type RuleReport = components['schemas']['RuleReport'];

/**
 * What people do with the rules for tool calls. Methods reject with a `ResponseError`
 * when the backend refuses.
 *
 * @public
 */
export class RuleTextsClient {
  readonly #connection: AgentsApiConnection;

  constructor(connection: AgentsApiConnection) {
    this.#connection = connection;
  }

  /** The texts, in order of their names. */
  async listRuleTexts(
    query: { limit?: number; cursor?: string } = {},
    options?: AgentsRequestOptions,
  ): Promise<RuleTextPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/rules', {
      params: { query },
    });
    return data!;
  }

  /** Writes a text that is kept in the portal; status 400 names its mistakes. */
  async putRuleText(
    name: string,
    body: NewRuleText,
    options?: AgentsRequestOptions,
  ): Promise<RuleText> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('put', '/rules/portal/{ruleText}', {
      params: { path: { ruleText: name } },
      body,
    });
    return data!;
  }

  /** Removes a text that is kept in the portal; status 409 when it is not the version that was read. */
  async deleteRuleText(
    name: string,
    query: { comment: string; version?: number },
    options?: AgentsRequestOptions,
  ): Promise<void> {
    const client = await openAgentsApi(this.#connection, options);
    await client.request('delete', '/rules/portal/{ruleText}', {
      params: { path: { ruleText: name }, query },
    });
  }

  /** What a text that is kept in the portal was before, the newest first. */
  async listRuleTextVersions(
    name: string,
    query: { limit?: number; cursor?: string } = {},
    options?: AgentsRequestOptions,
  ): Promise<RuleTextVersionPage> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request(
      'get',
      '/rules/portal/{ruleText}/versions',
      { params: { path: { ruleText: name }, query } },
    );
    return data!;
  }

  /** Tries a text on recorded calls, which changes nothing. */
  async simulateRules(
    body: RuleSimulationRequest,
    options?: AgentsRequestOptions,
  ): Promise<RuleSimulation> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('post', '/rules/simulate', { body });
    return data!;
  }

  /** What rules matched in the last days; those that never did are not in it. */
  async getRuleReport(
    query: { days?: number; limit?: number; cursor?: string } = {},
    options?: AgentsRequestOptions,
  ): Promise<RuleReport> {
    const client = await openAgentsApi(this.#connection, options);
    const { data } = await client.request('get', '/rules/report', {
      params: { query },
    });
    return data!;
  }
}
