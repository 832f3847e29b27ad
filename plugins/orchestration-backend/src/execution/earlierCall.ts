import type { BegunRun } from '../store/JournalStore';

/** A tool call that was begun before another process went on with the run. */
export interface EarlierCall {
  /** What it gave the model, when that was written down whole. */
  answer?: string;
  /** Id of the message that says so. */
  answerId?: string;
  failed: boolean;
}

/**
 * What is on record of a tool call. A call that ended just before its process
 * stopped may have no checkpoint yet, and is not made again for that.
 */
export function earlierCall(
  { messages, steps }: BegunRun,
  callId: string,
): EarlierCall | undefined {
  const step = steps.find(
    ({ call, kind }) => kind === 'tool' && call?.id === callId,
  );
  if (!step) {
    return undefined;
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
