import { EventType } from '@ag-ui/core';
import { randomUUID } from 'node:crypto';
import type { RunJournal } from '../events/RunJournal';

/** What an agent says and does, as far as the event stream is told. */
export interface Voice {
  journal: RunJournal;
  signal: AbortSignal;
  /** Only the agent that the person talks to speaks in the event stream. */
  speaks: boolean;
}

/** One message of the agent in the event stream; begins with its first word. */
export function speak(voice: Voice, messageId: string) {
  let begun = false;
  let ended = false;
  return {
    say: (delta: string) => {
      if (!voice.speaks || voice.signal.aborted) {
        return;
      }
      if (!begun) {
        begun = true;
        voice.journal.emit({
          type: EventType.TEXT_MESSAGE_START,
          messageId,
          role: 'assistant',
        });
      }
      voice.journal.emit({
        type: EventType.TEXT_MESSAGE_CONTENT,
        messageId,
        delta,
      });
    },
    end: () => {
      if (begun && !ended) {
        ended = true;
        voice.journal.emit({ type: EventType.TEXT_MESSAGE_END, messageId });
      }
    },
  };
}

export function announceCall(
  voice: Voice,
  call: { id: string; name: string; args: unknown; messageId: string },
): void {
  if (!voice.speaks) {
    return;
  }
  const toolCallId = call.id;
  voice.journal.emit({
    type: EventType.TOOL_CALL_START,
    toolCallId,
    toolCallName: call.name,
    parentMessageId: call.messageId,
  });
  voice.journal.emit({
    type: EventType.TOOL_CALL_ARGS,
    toolCallId,
    delta: JSON.stringify(call.args ?? {}),
  });
  voice.journal.emit({ type: EventType.TOOL_CALL_END, toolCallId });
}

/** Tells what came back from a tool. */
export function announceResult(
  voice: Voice,
  toolCallId: string,
  content: string,
): void {
  if (voice.speaks) {
    voice.journal.emit({
      type: EventType.TOOL_CALL_RESULT,
      messageId: randomUUID(),
      toolCallId,
      content,
      role: 'tool',
    });
  }
}
