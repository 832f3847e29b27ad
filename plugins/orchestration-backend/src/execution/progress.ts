import type { RunUsage } from '@agentportal/plugin-orchestration-common';
import type { BegunRun } from '../store/JournalStore';
import type { StoredStep } from '../store/references';
import { stepCut } from './RunFailure';
import type { EndedToolCall } from './StallDetector';
import { isReadCall } from './toolStepEnd';

/**
 * What a run has used when it goes on. What a step has used is on record with its end,
 * and is added up in the run's row a moment later, which may never have come.
 */
export function usageSoFar(recorded: RunUsage, { steps }: BegunRun): RunUsage {
  const used = usageOf(steps);
  return {
    ...used,
    // Calls that were cut are counted in the row alone.
    modelCalls: Math.max(recorded.modelCalls, used.modelCalls),
    toolCalls: Math.max(recorded.toolCalls, used.toolCalls),
  };
}

/**
 * The calls that the agent itself has made and seen the end of, when a run goes on. One
 * that was cut is gone on with, and was not asked for again.
 */
export function callsSoFar(
  { messages, steps }: BegunRun,
  isOwn = (step: StoredStep) => step.parentId === undefined,
): EndedToolCall[] {
  const asked = new Map(
    messages.flatMap(({ toolCalls }) =>
      (toolCalls ?? []).map(call => [call.id, call] as const),
    ),
  );
  const answers = new Map(
    messages.flatMap(({ content, role, toolCallId }) =>
      role === 'tool' && typeof content === 'string'
        ? [[toolCallId, content] as const]
        : [],
    ),
  );
  return steps
    .filter(step => isOwn(step) && isCall(step))
    .map(({ name, call, input, rehearsed, riskTier, status }) => ({
      name,
      args: (call && asked.get(call.id)?.args) ?? input,
      answer: answers.get(call?.id),
      hasFailed: status === 'failed',
      isRead: isReadCall({ rehearsed, riskTier }),
      round: call?.message,
    }));
}

/** What was done of work that was handed over, when the run goes on. */
export function progressBelow(
  begun: BegunRun,
  isTop: (step: StoredStep) => boolean,
) {
  const top = new Set(begun.steps.filter(isTop).map(({ id }) => id));
  const known = new Set(top);
  const below = begun.steps.filter(({ id, parentId }) => {
    const isBelow = parentId !== undefined && known.has(parentId);
    return isBelow && known.add(id);
  });
  return {
    usage: usageOf(below),
    calls: callsSoFar(begun, ({ parentId = '' }) => top.has(parentId)),
    workedMs: workedMs(below),
  };
}

function usageOf(steps: StoredStep[]): RunUsage {
  const sum = (of: (step: StoredStep) => number | undefined) =>
    steps.reduce((total, step) => total + (of(step) ?? 0), 0);
  return {
    inputTokens: sum(({ usage }) => usage?.inputTokens),
    outputTokens: sum(({ usage }) => usage?.outputTokens),
    costNanoUsd: sum(({ usage }) => usage?.costNanoUsd),
    modelCalls: sum(step =>
      Number(step.kind === 'model' && !isNotCounted(step)),
    ),
    toolCalls: sum(step => Number(isCall(step))),
  };
}

/** Time in which calls were under way, without that in which people or a process were waited for. */
function workedMs(steps: StoredStep[]): number {
  let until = 0;
  let worked = 0;
  for (const step of steps) {
    const { approval, durationMs = 0, kind, startedAt } = step;
    const isOwnWork = kind === 'model' || kind === 'tool';
    if (isOwnWork && !approval && !isNotCounted(step)) {
      const from = Math.max(until, Date.parse(startedAt));
      until = Math.max(until, Date.parse(startedAt) + durationMs);
      worked += until - Math.min(from, until);
    }
  }
  return worked;
}

/** A call of a tool or an agent that was made and not cut. */
function isCall(step: StoredStep): boolean {
  return step.kind !== 'model' && step.kind !== 'node' && !isNotCounted(step);
}

/** One that was cut has no end, and one that was taken over from another run did nothing in this one. */
function isNotCounted({ error, kept, status }: StoredStep): boolean {
  return (
    kept === true || status === 'running' || error?.name === stepCut().name
  );
}
