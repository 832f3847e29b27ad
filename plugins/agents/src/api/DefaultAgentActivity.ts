import type { ModelsClient } from '@agentportal/plugin-models-common';
import type { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import { gatewayToolName } from '@agentportal/plugin-tools-common';
import type { ToolsClient } from '@agentportal/plugin-tools-common';
import type { AgentActivityApi } from './agentActivityApiRef';

/** The largest page that the models backend gives. */
const PAGE_SIZE = 100;

/** Id of the provider that comes with the portal. */
const DEMO_PROVIDER = 'builtin';

/** Asks the orchestration, models and tools backends, a fixed number of requests per question. */
export class DefaultAgentActivity implements AgentActivityApi {
  readonly #runs: OrchestrationClient;
  readonly #models: ModelsClient;
  readonly #tools: ToolsClient;
  readonly #now: () => Date;

  constructor(options: {
    runs: OrchestrationClient;
    models: ModelsClient;
    tools: ToolsClient;
    now?: () => Date;
  }) {
    this.#runs = options.runs;
    this.#models = options.models;
    this.#tools = options.tools;
    this.#now = options.now ?? (() => new Date());
  }

  async getStats(
    agentRefs: readonly string[],
    options?: { days?: number; signal?: AbortSignal },
  ) {
    if (agentRefs.length === 0) {
      return new Map();
    }
    const { items } = await this.#runs.getStats(
      { agentRef: [...agentRefs], days: options?.days },
      { signal: options?.signal },
    );
    return new Map(items.map(item => [item.agentRef, item]));
  }

  async getMonthCosts(
    agentRefs: readonly string[],
    options?: { signal?: AbortSignal },
  ) {
    const costs = new Map<string, number>();
    if (agentRefs.length === 0) {
      return costs;
    }
    const wanted = new Set(agentRefs);
    const page = await this.#models.getCosts(
      { groupBy: 'agent', limit: PAGE_SIZE },
      { signal: options?.signal },
    );
    for (const item of page.items) {
      if (wanted.has(item.key)) {
        costs.set(item.key, item.costNanoUsd);
      }
    }
    if (page.visible === 'own') {
      // What others spent on the rest is not told, so it is not known.
      return costs;
    }
    const missing = agentRefs.filter(ref => !costs.has(ref));
    if (!page.nextCursor) {
      missing.forEach(ref => costs.set(ref, 0));
      return costs;
    }
    // More agents had costs than one page of the report holds. The statistics
    // of runs know the rest by name, so that nobody pages through thousands.
    const stats = await this.getStats(missing, {
      days: this.#now().getUTCDate(),
      signal: options?.signal,
    });
    for (const [ref, { costNanoUsd }] of stats) {
      costs.set(ref, costNanoUsd);
    }
    return costs;
  }

  async listRecentRuns(
    agentRef: string,
    options?: { limit?: number; signal?: AbortSignal },
  ) {
    const { items } = await this.#runs.listRuns(
      { agentRef, limit: options?.limit ?? 5 },
      { signal: options?.signal },
    );
    return items;
  }

  async getRun(id: string, options?: { signal?: AbortSignal }) {
    return this.#runs.getRun(id, { signal: options?.signal });
  }

  async getModel(modelRef: string, options?: { signal?: AbortSignal }) {
    return this.#models.getModel(modelRef, { signal: options?.signal });
  }

  async answersWithDemoModel(options?: { signal?: AbortSignal }) {
    const { items } = await this.#models.listModels(
      { type: 'chat', limit: PAGE_SIZE },
      { signal: options?.signal },
    );
    const answering = items.filter(({ status }) => status === 'available');
    return (
      answering.length > 0 &&
      answering.every(({ provider }) => provider === DEMO_PROVIDER)
    );
  }

  async getTool(toolRef: string, options?: { signal?: AbortSignal }) {
    return this.#tools.getTool(gatewayToolName(toolRef), {
      signal: options?.signal,
    });
  }
}
