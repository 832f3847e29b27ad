import { EventType } from '@ag-ui/core';
import { randomUUID } from 'node:crypto';
import type { RunJournal } from '../events/RunJournal';

/**
 * Tells the event stream of a run what its agent says and does. Agents that
 * were handed work tell nothing: the person talks to the first one only.
 */
export class RunEventWriter {
  readonly #journal: RunJournal;
  readonly #signal: AbortSignal;
  readonly #silent: boolean;

  constructor(options: {
    journal: RunJournal;
    signal: AbortSignal;
    silent: boolean;
  }) {
    this.#journal = options.journal;
    this.#signal = options.signal;
    this.#silent = options.silent;
  }

  /** Writes one text message, which begins with its first word. */
  textMessage(messageId: string) {
    let state: 'new' | 'begun' | 'ended' = 'new';
    return {
      write: (delta: string) => {
        if (this.#silent || this.#signal.aborted) {
          return;
        }
        if (state === 'new') {
          state = 'begun';
          this.#journal.emit({
            type: EventType.TEXT_MESSAGE_START,
            messageId,
            role: 'assistant',
          });
        }
        this.#journal.emit({
          type: EventType.TEXT_MESSAGE_CONTENT,
          messageId,
          delta,
        });
      },
      end: () => {
        if (state === 'begun') {
          state = 'ended';
          this.#journal.emit({ type: EventType.TEXT_MESSAGE_END, messageId });
        }
      },
    };
  }

  /** Writes that a tool is called, with the arguments that are in a message. */
  toolCall(call: {
    id: string;
    name: string;
    parentMessageId: string;
    message: number;
  }): void {
    if (this.#silent) {
      return;
    }
    const toolCallId = call.id;
    this.#journal.emit({
      type: EventType.TOOL_CALL_START,
      toolCallId,
      toolCallName: call.name,
      parentMessageId: call.parentMessageId,
    });
    this.#journal.emit({
      type: EventType.TOOL_CALL_ARGS,
      toolCallId,
      message: call.message,
    });
    this.#journal.emit({ type: EventType.TOOL_CALL_END, toolCallId });
  }

  /** Writes what came back from a tool, which is in a message. */
  toolResult(toolCallId: string, message: number): void {
    if (!this.#silent) {
      this.#journal.emit({
        type: EventType.TOOL_CALL_RESULT,
        messageId: randomUUID(),
        toolCallId,
        message,
        role: 'tool',
      });
    }
  }
}
