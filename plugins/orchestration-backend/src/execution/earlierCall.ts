import { AIMessage } from '@langchain/core/messages';
import { isDeepStrictEqual } from 'node:util';
import type { BegunRun } from '../store/JournalStore';
import {
  isOpen,
  type MessageRange,
  type StoredStep,
} from '../store/references';

/** A call of a tool or of another agent that was begun before another process went on with the run. */
export interface EarlierCall {
  /** What it gave the model, when that was written down whole. */
  answer?: string;
  /** Id of the message that says so. */
  answerId?: string;
  failed: boolean;
  /** Its step, when that waits for people or is about a call that people were asked about. */
  suspended?: StoredStep;
}

/**
 * What is on record of such a call. A call that ended just before its process
 * stopped may have no checkpoint yet, and is not made again for that.
 */
export function earlierCall(
  { messages, steps }: BegunRun,
  callId: string,
): EarlierCall | undefined {
  // The latest: one that was cut may have been made again.
  const step = steps.findLast(
    ({ call, kind }) => kind !== 'model' && call?.id === callId,
  );
  if (!step) {
    return undefined;
  }
  if (isOpen(step.status) && (step.status === 'waiting' || step.approval)) {
    return { failed: false, suspended: step };
  }
  const answer =
    step.status === 'running'
      ? undefined
      : messages.find(
          ({ role, toolCallId }) => role === 'tool' && toolCallId === callId,
        );
  return {
    ...(typeof answer?.content === 'string' && {
      answer: answer.content,
      answerId: answer.key,
    }),
    failed: step.status === 'failed',
  };
}

/**
 * What a model answered to these messages before another process went on with the
 * run, when it was written down whole. It has no checkpoint yet, and is not asked for
 * and paid for again.
 *
 * @param sent - numbers of the messages; no two calls are sent the same ones
 * @param modelName - name for models of what people know by the name of the catalog
 */
export function earlierAnswer(
  { messages, steps }: BegunRun,
  sent: MessageRange[],
  modelName: (shownName: string) => string,
): AIMessage | undefined {
  const step = steps.find(
    ({ inputMessages, kind, status }) =>
      kind === 'model' &&
      status === 'succeeded' &&
      isDeepStrictEqual(inputMessages, sent),
  );
  const answer = messages.find(({ id }) => id === step?.result?.message);
  if (typeof answer?.content !== 'string') {
    return undefined;
  }
  return new AIMessage({
    id: answer.key,
    content: answer.content,
    tool_calls: answer.toolCalls?.map(({ id, name, args }) => ({
      id,
      name: modelName(name),
      args: args as Record<string, unknown>,
      type: 'tool_call',
    })),
  });
}
