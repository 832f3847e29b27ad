import type { ModelSummary } from '@agentportal/plugin-models-common';
import type {
  AgentStats,
  Run,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type { Tool } from '@agentportal/plugin-tools-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/**
 * What other plugins know about agents: how they fare, what they cost, which
 * models and tools they may use.
 *
 * @public
 */
export interface AgentActivityApi {
  /**
   * How agents fared in the last days, by entity ref.
   *
   * @param agentRefs - at most 100
   */
  getStats(
    agentRefs: readonly string[],
    options?: { days?: number; signal?: AbortSignal },
  ): Promise<Map<string, AgentStats>>;

  /**
   * What agents cost since the start of the month (UTC), in nano-USD by entity
   * ref. An agent that cost nothing is 0; one whose cost is not known is absent.
   *
   * @param agentRefs - at most 100
   */
  getMonthCosts(
    agentRefs: readonly string[],
    options?: { signal?: AbortSignal },
  ): Promise<Map<string, number>>;

  /** The latest runs of an agent that the person may see. */
  listRecentRuns(
    agentRef: string,
    options?: { limit?: number; signal?: AbortSignal },
  ): Promise<RunSummary[]>;

  /** A run with its steps. */
  getRun(id: string, options?: { signal?: AbortSignal }): Promise<Run>;

  /** A model or route as the model service knows it. */
  getModel(
    modelRef: string,
    options?: { signal?: AbortSignal },
  ): Promise<ModelSummary>;

  /** Whether nothing but the model that comes with the portal answers, which is for trying it out. */
  answersWithDemoModel(options?: { signal?: AbortSignal }): Promise<boolean>;

  /** A tool as the gateway knows it, with its schemas and its state. */
  getTool(toolRef: string, options?: { signal?: AbortSignal }): Promise<Tool>;
}

/**
 * The activity of agents, from the orchestration and models backends.
 *
 * @public
 */
export const agentActivityApiRef = createApiRef<AgentActivityApi>().with({
  id: 'plugin.agents.activity',
  pluginId: 'agents',
});
