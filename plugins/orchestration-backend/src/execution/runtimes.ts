import {
  AgentCallError,
  type AgentRuntime,
  type RuntimeTask,
} from '@agentportal/plugin-orchestration-node';
import { toError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { hash, randomUUID } from 'node:crypto';
import type { AgentSnapshot } from '../agents/snapshot';
import type { AgentTask, ExecuteAgent, ExecutionDeps } from './AgentTask';
import { RunEventWriter } from './RunEventWriter';
import {
  findLetGo,
  findRunFailure,
  leaseLost,
  RunFailure,
  RunLetGo,
  stepCut,
} from './RunFailure';

/** The framework of agents that name none. */
export const LANGGRAPH = 'langgraph';

/** What runs agents, by the framework that they name. */
export class AgentRuntimes {
  readonly #executors = new Map<string, ExecuteAgent>();
  readonly #reasons = new Map<string, AgentRuntime['whyNotRunnable']>();

  constructor(langGraph: ExecuteAgent) {
    this.#executors.set(LANGGRAPH, langGraph);
  }

  add(runtime: AgentRuntime): void {
    const { framework } = runtime;
    if (this.#executors.has(framework)) {
      throw new Error(
        `Two modules of the orchestration plugin run the framework "${framework}". Install one of them.`,
      );
    }
    this.#executors.set(framework, (deps, task) =>
      runtime.execute(createRuntimeTask(deps, task)),
    );
    this.#reasons.set(framework, agent => runtime.whyNotRunnable?.(agent));
  }

  /** What runs an agent. */
  of({ spec }: AgentSnapshot): ExecuteAgent {
    return this.#executors.get(spec.framework ?? LANGGRAPH)!;
  }

  /** Why an agent cannot be run on what it names, in the end of a sentence. */
  whyNot(agent: AgentSnapshot): string | undefined {
    const { framework = LANGGRAPH } = agent.spec;
    return this.#executors.has(framework)
      ? this.#reasons.get(framework)?.(agent)
      : `is made for the framework "${framework}", and no module of this portal runs that`;
  }
}

/** What a runtime sees of an agent at work; quotas, steps and events are kept here. */
function createRuntimeTask(deps: ExecutionDeps, task: AgentTask): RuntimeTask {
  const { agent, checkpoints, depth, journal, runId, signal, threadId } = task;
  let calls = 0;
  return {
    runId,
    threadId,
    agent,
    depth,
    signal,
    messages: task.messages.map(message => ({
      role: message.type === 'ai' ? 'assistant' : 'user',
      text: message.text,
    })),
    remembered: async () =>
      depth === 0
        ? deps.remembered(
            { runId, threadId },
            ({ kind, name }) => kind === 'agent' && name === agent.ref,
          )
        : undefined,
    call: async (input, make) => {
      calls += 1;
      // By its place and not by what is asked: a loop asks the same again.
      const id = hash('sha256', `${checkpoints} ${calls}`);
      const earlier = journal.begun.steps.findLast(
        step => step.call?.id === id,
      );
      const facts = factsOf(earlier?.output);
      if (earlier?.status === 'succeeded' && facts.answer !== undefined) {
        return String(facts.answer);
      }
      const cut =
        earlier?.status === 'running' ||
        earlier?.error?.name === stepCut().name;
      return makeCall(deps, task, {
        id,
        input,
        make,
        begun: cut ? facts : undefined,
      });
    },
  };
}

async function makeCall(
  deps: ExecutionDeps,
  task: AgentTask,
  options: {
    id: string;
    input: JsonObject;
    make: Parameters<RuntimeTask['call']>[1];
    begun: JsonObject | undefined;
  },
): Promise<string> {
  const { agent, budget, depth, journal, parentStepId } = task;
  const { signal, stopping } = task;
  signal.throwIfAborted();
  if (stopping.aborted) {
    throw new RunLetGo();
  }
  budget.beginToolCall(agent.ref, options.input);
  let step = journal.startStep({
    kind: 'agent',
    name: agent.ref,
    title: agent.title,
    input: options.input,
    call: { id: options.id },
    parentId: parentStepId,
  });
  // What is about to be done is on record before it is done.
  await journal.flush();
  const events = new RunEventWriter({ journal, signal, silent: depth > 0 });
  const text = events.textMessage(randomUUID());
  let facts: JsonObject = options.begun ?? {};
  let costNanoUsd = 0;
  const leave = budget.enter();
  const usageOf = () =>
    costNanoUsd ? { inputTokens: 0, outputTokens: 0, costNanoUsd } : undefined;
  try {
    const answer = await deps.tracing.startActiveSpan(
      `invoke_agent ${agent.name}`,
      {
        kind: 'client',
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.id': agent.ref,
          'gen_ai.agent.name': agent.name,
        },
      },
      () =>
        options.make({
          id: options.id,
          signal,
          goesOn: () => goesOnElsewhere(signal.reason),
          begun: options.begun,
          keep: async more => {
            facts = { ...facts, ...more };
            step = journal.noteStep(step, facts);
            await journal.flush();
          },
          write: text.write,
          afford: cost => budget.requireMoney(cost),
          spend: cost => {
            costNanoUsd += cost;
            budget.spend({
              inputTokens: 0,
              outputTokens: 0,
              costNanoUsd: cost,
            });
          },
        }),
    );
    text.end();
    journal.endStep(step, { output: { ...facts, answer }, usage: usageOf() });
    return answer;
  } catch (error) {
    text.end();
    const failure = findLetGo(signal.reason)
      ? stepCut()
      : toRunFailure(signal.aborted ? signal.reason : error);
    journal.endStep(step, {
      ...(Object.keys(facts).length && { output: facts }),
      usage: usageOf(),
      error: failure.toRunError(),
    });
    signal.throwIfAborted();
    throw error instanceof AgentCallError ? failure : error;
  } finally {
    leave();
    await journal.flush();
  }
}

function goesOnElsewhere(reason: unknown): boolean {
  return (
    findLetGo(reason) !== undefined ||
    findRunFailure(reason)?.name === leaseLost().name
  );
}

function toRunFailure(error: unknown): RunFailure {
  return error instanceof RunFailure
    ? error
    : new RunFailure('AgentCallFailed', toError(error).message, {
        cause: error,
      });
}

function factsOf(output: unknown): JsonObject {
  return output && typeof output === 'object' && !Array.isArray(output)
    ? (output as JsonObject)
    : {};
}
