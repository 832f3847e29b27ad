import {
  RUN_STEP_EVENT,
  type RunEvent,
  type RunMessage,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';
import { EventType } from '@ag-ui/core';

/** How the output of a tool was made the text of a message. */
type ToolOutputForm = 'content' | 'blocks' | 'structured';

/** Numbers of messages, from and to, both included. */
export type MessageRange = [from: number, to: number];

/**
 * A step as it is stored. What a message holds already is not repeated: the
 * step says which message it is.
 */
export interface StoredStep
  extends Omit<RunStep, 'input' | 'output' | 'outputMessage'> {
  input?: unknown;
  output?: unknown;
  /**
   * The call's id, the message in which a model asked for it, if one has, and the digest of what
   * a runtime asked.
   */
  call?: { message?: number; id: string; digest?: string };
  /** The message with what came out, and how it was told to the model. */
  result?: { message: number; as: 'answer' | ToolOutputForm };
}

/** An event as it is stored: a step by id and status, text by message. */
export type StoredEvent =
  | RunEvent
  | {
      type: EventType.CUSTOM;
      timestamp?: number;
      step: { id: string; status: RunStep['status'] };
      /** Messages that were new then. */
      messages?: MessageRange;
    }
  | {
      type: EventType.TOOL_CALL_ARGS;
      timestamp?: number;
      toolCallId: string;
      message: number;
    }
  | {
      type: EventType.TOOL_CALL_RESULT;
      timestamp?: number;
      toolCallId: string;
      messageId: string;
      role: 'tool';
      message: number;
    };

/** Numbers of the messages that an event cannot be told without. */
export function messagesOfEvent(event: StoredEvent): number[] {
  if ('message' in event && typeof event.message === 'number') {
    return [event.message];
  }
  return 'messages' in event && Array.isArray(event.messages)
    ? numbersIn(event.messages as MessageRange)
    : [];
}

/** Numbers of the messages that a step cannot be told without. */
export function messagesOfStep(step: StoredStep): number[] {
  return [step.call?.message, step.result?.message].filter(
    number => number !== undefined,
  );
}

/** Id of the step that an event tells about. */
export function stepIdOfEvent(event: StoredEvent): string | undefined {
  return 'step' in event ? (event.step as { id: string }).id : undefined;
}

/** A step with what its messages hold. */
export function resolveStep(
  stored: StoredStep,
  messages: Map<number, RunMessage>,
): RunStep {
  const { call, result, input, output, ...step } = stored;
  const asked =
    call && toolCallOf(messages.get(call.message ?? -1), call.id)?.args;
  const said = result && messages.get(result.message);
  const resolved = {
    ...step,
    input: asked ?? input ?? null,
    ...(result && { outputMessage: result.message }),
  };
  if (!result) {
    return output === undefined ? resolved : { ...resolved, output };
  }
  return {
    ...resolved,
    output:
      result.as === 'answer'
        ? {
            message: said?.content ?? null,
            ...(said?.toolCalls ? { toolCalls: said.toolCalls } : {}),
          }
        : { ...(output as {}), ...toolOutput(said?.content, result.as) },
  };
}

/** An event as AG-UI has it. */
export function resolveEvent(
  event: StoredEvent,
  steps: Map<string, RunStep>,
  messages: Map<number, RunMessage>,
): RunEvent | undefined {
  if ('step' in event) {
    const { id, status } = event.step as {
      id: string;
      status: RunStep['status'];
    };
    const step = steps.get(id);
    return (
      step && {
        type: EventType.CUSTOM,
        timestamp: event.timestamp,
        name: RUN_STEP_EVENT,
        value: {
          step: isOpen(status) ? { ...asBegun(step), status } : step,
          messages: messagesOfEvent(event).flatMap(
            number => messages.get(number) ?? [],
          ),
        },
      }
    );
  }
  if (!('message' in event) || typeof event.message !== 'number') {
    return event as RunEvent;
  }
  const { message: number, ...rest } = event;
  const message = messages.get(number);
  return (
    rest.type === EventType.TOOL_CALL_ARGS
      ? {
          ...rest,
          delta: JSON.stringify(
            toolCallOf(message, (rest as { toolCallId: string }).toolCallId)
              ?.args ?? {},
          ),
        }
      : { ...rest, content: textOf(message?.content) }
  ) as RunEvent;
}

/** Whether a step has not ended. */
export function isOpen(status: RunStep['status']): boolean {
  return status === 'running' || status === 'waiting';
}

/** What was known of a step when it began. */
function asBegun(step: RunStep): Omit<RunStep, 'status'> {
  const { finishedAt, durationMs, output, outputMessage, error, ...begun } =
    step;
  const { usage, modelId, modelReason, hidden, ...known } = begun;
  return known;
}

function toolOutput(content: unknown, as: ToolOutputForm) {
  if (as === 'structured' && typeof content === 'string') {
    return { structuredContent: JSON.parse(content) };
  }
  const text = textOf(content);
  return { content: as === 'content' ? text : [{ type: 'text', text }] };
}

function toolCallOf(message: RunMessage | undefined, id: string) {
  return message?.toolCalls?.find(call => call.id === id);
}

function textOf(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content ?? '');
}

export function numbersIn([from, to]: MessageRange): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** `[0, 1, 2, 5]` is `[[0, 2], [5, 5]]`. */
export function toRanges(numbers: number[]): MessageRange[] {
  const ranges: MessageRange[] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) {
      last[1] = number;
    } else {
      ranges.push([number, number]);
    }
  }
  return ranges;
}
