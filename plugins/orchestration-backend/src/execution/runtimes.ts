import { digestOf } from '@agentportal/plugin-agents-node';
import {
  AgentCallError,
  type AgentRuntime,
  type RuntimeTask,
} from '@agentportal/plugin-orchestration-node';
import { toError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { hash, randomUUID } from 'node:crypto';
import { type AgentSnapshot, agentTitle } from '../agents/snapshot';
import type { StoredStep } from '../store/references';
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

  /** Why nobody could keep an agent from doing something, in a sentence, if so. */
  whyNotRehearsed(agent: AgentSnapshot): string | undefined {
    return (agent.spec.framework ?? LANGGRAPH) === LANGGRAPH
      ? undefined
      : `${agentTitle(
          agent,
        )} does not run in this portal, so nobody here could keep it from really doing something. It cannot be rehearsed.`;
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
  const { agent, depth, runId, signal, threadId } = task;
  const recorded = recordedCalls(task);
  let calls = recorded.length;
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
      const digest = digestOf(input);
      const at = recorded.findIndex(
        // Those of before digests were kept have none.
        ({ call }) => [digest, undefined].includes(call?.digest),
      );
      if (recorded.length > 0 && at < 0) {
        throw new RunFailure(
          'AgentCallFailed',
          `${agentTitle(
            agent,
          )} was at work in a process that has ended, and asks for something else now than it did there. Nothing was sent, because what was asked there may have been done. Look at what it did, and run it again.`,
        );
      }
      const [earlier] = recorded.splice(Math.max(at, 0), 1);
      // By its place and not by what is asked alone: a loop asks the same again.
      const id = earlier?.call?.id ?? idOfCall(task, (calls += 1));
      const facts = factsOf(earlier?.output);
      if (earlier?.status === 'succeeded' && facts.answer !== undefined) {
        return String(facts.answer);
      }
      const cut =
        earlier?.status === 'running' ||
        earlier?.error?.name === stepCut().name;
      return makeCall(deps, task, {
        call: { id, digest },
        input,
        make,
        begun: cut ? facts : undefined,
      });
    },
  };
}

function idOfCall({ checkpoints }: AgentTask, place: number): string {
  return hash('sha256', `${checkpoints} ${place}`);
}

/** The calls of a task that another process has on record, each as it was made last. */
function recordedCalls(task: AgentTask): StoredStep[] {
  const latest = new Map(
    task.journal.begun.steps.map(step => [step.call?.id, step]),
  );
  const calls: StoredStep[] = [];
  for (;;) {
    const call = latest.get(idOfCall(task, calls.length + 1));
    if (!call) {
      return calls;
    }
    calls.push(call);
  }
}

async function makeCall(
  deps: ExecutionDeps,
  task: AgentTask,
  options: {
    call: { id: string; digest: string };
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
    call: options.call,
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
          id: options.call.id,
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
