import { maskSecrets, nameToldSecrets } from '@agentportal/guard';
import type { PortalSpan } from '@agentportal/plugin-traces-node';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { JournalStore } from '../store/JournalStore';
import type { StoredStep } from '../store/references';
import type { StoredRun } from '../store/rows';
import type { RunStore } from '../store/RunStore';

/** Runs that wait to be told; what is beyond has no trace. */
const MAX_WAITING = 1_000;
/** Characters of a question that are told; its run has all of it. */
const MAX_INPUT = 4_000;

/**
 * Tells the trace of a run once it has ended, out of what was written of it: so it is
 * whole whatever process worked on it, and no step waits for its record. The trace has the
 * id of the run without the hyphens.
 */
export function traceRuns(options: {
  exporter: { export(spans: PortalSpan[]): void };
  runs: RunStore;
  journal: JournalStore;
  logger: LoggerService;
}): (run: { id: string }) => void {
  const { exporter, runs, journal, logger } = options;
  let last = Promise.resolve();
  let waiting = 0;
  const tell = async (id: string) => {
    try {
      const [run] = await runs.getMany([id]);
      if (run) {
        const { message } = run.summary.input;
        exporter.export(
          spansOf(
            run,
            // No model was told them either.
            await maskSecrets(message.slice(0, MAX_INPUT).toWellFormed()),
            // Those that were taken over are in the trace of the run that did them.
            (await journal.storedSteps(id)).filter(({ kept }) => !kept),
          ),
        );
      }
    } catch (error) {
      logger.warn(`The run ${id} has no trace: ${error}`);
    } finally {
      waiting -= 1;
    }
  };
  return ({ id }) => {
    if (waiting < MAX_WAITING) {
      waiting += 1;
      // One after another: runs that are under way come first.
      last = last.then(() => tell(id));
    }
  };
}

function spansOf(
  { summary: run }: StoredRun,
  asked: string,
  steps: StoredStep[],
) {
  const traceId = idOf(run.id, 32);
  const rootId = idOf(run.id, 16);
  const endedAt = Date.parse(run.finishedAt ?? run.createdAt);
  const person = run.onBehalfOf ?? run.createdBy;
  const common = {
    'agentportal.run_id': run.id,
    'agentportal.user': person.startsWith('user:') ? person : undefined,
    'agentportal.rehearsal': run.rehearsal,
    'agentportal.candidate': run.candidate?.digest,
    'agentportal.experiment': run.experiment?.id,
    'agentportal.experiment.arm': run.experiment?.arm,
    'gen_ai.conversation.id': run.threadId,
  };
  const byId = new Map(steps.map(step => [step.id, step]));
  const agentOf = (step: StoredStep): string => {
    let at: StoredStep | undefined = step;
    while (at && at.kind !== 'agent') {
      at = at.parentId ? byId.get(at.parentId) : undefined;
    }
    return at?.name ?? run.agentRef;
  };
  const root: PortalSpan = {
    traceId,
    spanId: rootId,
    name: `invoke_agent ${nameOf(run.agentRef)}`,
    startedAt: Date.parse(run.startedAt ?? run.createdAt),
    endedAt,
    ...(run.status === 'failed' && {
      error: run.error?.name ?? 'Error',
      errorMessage: run.error?.message,
    }),
    attributes: {
      ...common,
      'gen_ai.operation.name': 'invoke_agent',
      'agentportal.agent': run.agentRef,
      'gen_ai.agent.name': nameOf(run.agentRef),
      'agentportal.run.status': run.status,
      // Kept only by a portal that keeps what is said in traces.
      'input.value': asked,
    },
  };
  return [
    root,
    ...steps.map((step): PortalSpan => {
      const agentRef = agentOf(step);
      return {
        traceId,
        spanId: idOf(step.id, 16),
        parentId: step.parentId ? idOf(step.parentId, 16) : rootId,
        startedAt: Date.parse(step.startedAt),
        endedAt: step.finishedAt ? Date.parse(step.finishedAt) : endedAt,
        ...(step.error && {
          error: step.error.name,
          errorMessage: nameToldSecrets(step.error.message),
        }),
        ...spanOf(step, {
          ...common,
          'agentportal.agent': agentRef,
          'gen_ai.agent.name': nameOf(agentRef),
        }),
      };
    }),
  ];
}

/** By the GenAI conventions; the money is what the ledger has booked. */
function spanOf(
  step: StoredStep,
  common: PortalSpan['attributes'],
): Pick<PortalSpan, 'name' | 'attributes'> {
  const { kind, modelId, name, usage } = step;
  switch (kind) {
    case 'model':
      return {
        name: `chat ${modelId ?? name}`,
        attributes: {
          ...common,
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': name,
          'gen_ai.provider.name': modelId?.split('/')[0],
          'agentportal.model': modelId,
          'gen_ai.usage.input_tokens': usage?.inputTokens,
          'gen_ai.usage.output_tokens': usage?.outputTokens,
          'agentportal.cost_nano_usd': usage?.costNanoUsd,
        },
      };
    case 'tool':
      return {
        name: `execute_tool ${name}`,
        attributes: {
          ...common,
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': name,
          'agentportal.risk_tier': step.riskTier,
          'agentportal.approval': step.approval?.id,
          'agentportal.rehearsed': step.rehearsed?.answeredBy,
        },
      };
    case 'agent':
      return {
        name: `invoke_agent ${nameOf(name)}`,
        attributes: { ...common, 'gen_ai.operation.name': 'invoke_agent' },
      };
    default:
      return {
        name,
        attributes: {
          ...common,
          'gen_ai.operation.name': 'execute_task',
          'agentportal.node': step.nodePath,
        },
      };
  }
}

/** Ids of runs and steps are UUIDs, which have the digits of a trace id. */
function idOf(uuid: string, digits: number): string {
  return uuid.replaceAll('-', '').slice(0, digits);
}

function nameOf(agentRef: string): string {
  return agentRef.split('/').at(-1)!;
}
