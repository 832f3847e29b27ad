import { ModelsClient } from '@agentportal/plugin-models-common';
import type { StepUsage } from '@agentportal/plugin-orchestration-common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionDeps } from './AgentTask';

/** How long the gateway may take to notice that its caller has hung up. */
const WITHIN_MS = 4_000;
const PAUSE_MS = 100;

/**
 * What the ledger of the gateway says of a model call whose end this side has
 * not seen, because it was stopped or the connection broke. So a run costs what
 * its budgets were charged. `undefined` when the gateway does not tell in time.
 */
export async function bookedUsage(
  deps: Pick<ExecutionDeps, 'auth' | 'discovery' | 'logger'>,
  step: { runId: string; index: number },
): Promise<StepUsage | undefined> {
  const { auth, discovery, logger } = deps;
  const signal = AbortSignal.timeout(WITHIN_MS);
  try {
    // In the plugin's own name: what a run has cost does not depend on what its
    // person may see.
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'models',
    });
    const client = new ModelsClient({ discoveryApi: discovery });
    for (;;) {
      const { items } = await client.listCalls(
        { runId: step.runId, limit: 50 },
        { token, signal },
      );
      const own = items.filter(call => call.step === step.index);
      if (own.length && own.every(call => call.status !== 'started')) {
        const { inputs, outputs } = tokensOf(own);
        return {
          inputTokens: inputs,
          outputTokens: outputs,
          costNanoUsd: own.reduce((sum, call) => sum + call.costNanoUsd, 0),
        };
      }
      await sleep(PAUSE_MS, undefined, { signal });
    }
  } catch (error) {
    logger.debug(
      `What a model call of run ${step.runId} has cost is not known: ${error}`,
    );
    return undefined;
  }
}

function tokensOf(
  calls: Awaited<ReturnType<ModelsClient['listCalls']>>['items'],
) {
  let inputs = 0;
  let outputs = 0;
  for (const { usage } of calls) {
    for (const [part, count] of Object.entries(usage)) {
      if (part === 'reasoning' || part.startsWith('output')) {
        outputs += count ?? 0;
      } else {
        inputs += count ?? 0;
      }
    }
  }
  return { inputs, outputs };
}
