import {
  edgesOf,
  evaluate,
  incomingOf,
  inOrder,
  isTaken,
  type Outcome,
  toText,
  ValueError,
  WORKFLOW_LIMITS,
  type WorkflowNode,
  type WorkflowScope,
} from '@agentportal/plugin-orchestration-common';
import {
  AIMessage,
  type BaseMessage,
  ToolMessage,
} from '@langchain/core/messages';
import {
  Annotation,
  type BaseCheckpointSaver,
  END,
  START,
  StateGraph,
} from '@langchain/langgraph';
import { hash } from 'node:crypto';
import {
  findInterrupt,
  requireEnded,
  waitForPeople,
} from '../execution/interrupts';
import { findRunFailure, RunFailure, RunLetGo } from '../execution/RunFailure';
import { findBallots } from './ballots';
import { keptResult } from './keptResult';
import { handlerOf } from './nodes';
import { nodePathOf, withStep } from './withStep';
import {
  isNodeFailure,
  nodeFailed,
  type NodeResult,
  type Place,
  type WorkflowContext,
} from './WorkflowContext';

/** How a node ended, as its checkpoint has it. */
type NodeState = Outcome &
  Partial<NodeResult> & { error?: { message: string } };

/** What a graph came to. */
export interface GraphEnd {
  /** The outputs of all nodes that ran, beside what was there before. */
  scope: WorkflowScope;
  /** Those of its own nodes alone. */
  outputs: Record<string, unknown>;
  /** The output of the last node that ended well. */
  last: unknown;
}

/**
 * Runs nodes that stand beside each other, as a graph of LangGraph with a checkpoint after
 * each step.
 *
 * A node waits for all that come before it, and runs if at least one edge to it is taken;
 * otherwise it passes that on without running. Joins compiled edge by edge would run twice,
 * or never when one of their branches was not taken.
 *
 * @param place - of the whole; the path of each node begins with it
 */
export async function runGraph(
  context: WorkflowContext,
  nodes: WorkflowNode[],
  place: Place,
  outer: WorkflowScope,
): Promise<GraphEnd> {
  const { task } = context;
  const edges = edgesOf(nodes);
  const incoming = incomingOf(edges);
  const { order } = inOrder(nodes, edges);
  const underWay = new Set<Promise<unknown>>();
  const failed = new AbortController();
  const over = AbortSignal.any(
    [failed.signal, place.over].filter(each => each !== undefined),
  );
  const ballots = findBallots(nodes, edges);

  const graph = new StateGraph(
    Annotation.Root({
      begun: Annotation<boolean>(),
      ...Object.fromEntries(
        nodes.map(({ id }) => [channelOf(id), Annotation<NodeState>()]),
      ),
    }),
  );
  for (const node of order) {
    graph.addNode(nameOf(node.id), async (state: Record<string, unknown>) => {
      const work = runNode(node, state as Record<string, NodeState>);
      underWay.add(work);
      try {
        return { [channelOf(node.id)]: await work };
      } catch (error) {
        if (!findInterrupt(error)) {
          failed.abort(error);
        }
        throw error;
      } finally {
        underWay.delete(work);
      }
    });
    const before = [
      ...new Set((incoming.get(node.id) ?? []).map(({ from }) => nameOf(from))),
    ];
    if (before.length > 1) {
      graph.addEdge(before as never, nameOf(node.id) as never);
    } else {
      graph.addEdge((before[0] ?? START) as never, nameOf(node.id) as never);
    }
    if (!edges.some(({ from }) => from === node.id)) {
      graph.addEdge(nameOf(node.id) as never, END);
    }
  }

  async function runNode(
    node: WorkflowNode,
    state: Record<string, NodeState>,
  ): Promise<NodeState> {
    const runs = incoming
      .get(node.id)
      ?.some(edge => isTaken(edge, state[channelOf(edge.from)]));
    if (runs === false) {
      return { status: 'skipped' };
    }
    task.signal.throwIfAborted();
    over.throwIfAborted();
    if (task.stopping.aborted) {
      throw new RunLetGo();
    }
    if (context.started.size >= WORKFLOW_LIMITS.visits) {
      throw new RunFailure(
        'QuotaExceeded',
        `Stopped after ${WORKFLOW_LIMITS.visits} steps of the workflow, with each round and item. Let its loops and maps do less.`,
      );
    }
    const at = {
      ...place,
      path: place.path ? `${place.path}.${node.id}` : node.id,
      said: () => [...place.said(), ...saidIn(order, state)],
      over,
    };
    const unneeded = ballots.signalFor(node.id);
    const signal = unneeded
      ? AbortSignal.any([task.signal, unneeded])
      : task.signal;
    try {
      // It decides no vote early: whoever has a voter asked again wants to hear it.
      const kept = keptResult(context, node, nodePathOf(task, at));
      if (kept) {
        return { status: 'done', ...kept };
      }
      unneeded?.throwIfAborted();
      const result = await handlerOf(node.type)(
        { ...context, task: { ...task, signal } },
        node,
        at,
        scopeOf(outer, order, state),
      );
      ballots.tell(node.id, result.output);
      return { status: 'done', ...result };
    } catch (error) {
      if (unneeded?.aborted && !task.signal.aborted) {
        return {
          status: 'failed',
          error: { message: unneeded.reason.message },
        };
      }
      const interrupt = findInterrupt(error);
      if (interrupt) {
        throw waitForPeople(...interrupt.waits);
      }
      const reason =
        error instanceof ValueError
          ? nodeFailed(node, error.message)
          : findRunFailure(error);
      if (reason && !context.started.has(nodePathOf(task, at))) {
        await withStep(context, node, at, null, async () => {
          throw reason;
        }).catch(() => {});
      }
      const isFollowed = edges.some(
        ({ from, handle }) => from === node.id && handle === 'error',
      );
      if (isNodeFailure(reason) && isFollowed) {
        return { status: 'failed', error: { message: reason.message } };
      }
      throw reason ?? error;
    }
  }

  const configurable = {
    thread_id: place.path
      ? `${task.runId}/${hash(
          'sha256',
          `${task.checkpoints} ${place.path}`,
          'base64url',
        )}`
      : task.checkpoints,
    // Whoever has lost its claim writes no checkpoint.
    run_claim: { runId: task.runId, fence: task.fence },
  };
  const { checkpointer } = context.deps;
  const begun =
    task.fence > 1 && (await checkpointer.getTuple({ configurable }));
  const app = graph.compile({
    checkpointer: checkpointer as BaseCheckpointSaver,
  });
  try {
    const state = requireEnded(
      (await app.invoke(begun ? null : ({ begun: true } as never), {
        configurable,
        durability: 'sync',
        signal: task.signal,
        // Each node is in one superstep, also when it only passes on that it does not run.
        recursionLimit: nodes.length + 2,
      })) as object,
    ) as Record<string, NodeState>;
    const done = order.filter(
      ({ id }) => state[channelOf(id)]?.status === 'done',
    );
    return {
      scope: scopeOf(outer, order, state),
      outputs: scopeOf({}, order, state),
      last: done.length ? state[channelOf(done.at(-1)!.id)].output : undefined,
    };
  } catch (error) {
    // Calls that others have under way come to their end and on record: they were made.
    await Promise.allSettled(underWay);
    throw error;
  }
}

function channelOf(id: string): string {
  return `$${id}`;
}

function nameOf(id: string): string {
  return `node ${id}`;
}

function scopeOf(
  outer: WorkflowScope,
  order: WorkflowNode[],
  state: Record<string, NodeState>,
): WorkflowScope {
  const scope = { ...outer };
  for (const { id } of order) {
    const own = state[channelOf(id)];
    if (own?.status === 'done') {
      scope[id] = own.output;
    } else if (own?.status === 'failed') {
      scope[id] = { error: own.error };
    }
  }
  return scope;
}

/** What the tools of a graph were asked and have said, as a conversation has it. */
function saidIn(
  order: WorkflowNode[],
  state: Record<string, NodeState>,
): BaseMessage[] {
  return order.flatMap(({ id }) => {
    const { call, output } = state[channelOf(id)] ?? {};
    return call
      ? [
          new AIMessage({ content: '', tool_calls: [call] }),
          new ToolMessage({
            tool_call_id: call.id,
            name: call.name,
            content: toText(output),
          }),
        ]
      : [];
  });
}

/** A template as what it stands for; nothing where there is no template. */
export function evaluateOptional(
  template: unknown,
  scope: WorkflowScope,
): unknown {
  return template === undefined ? undefined : evaluate(template, scope);
}
