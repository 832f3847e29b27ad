import type { ChatMessage } from '../wire/request';
import { looked } from '../text/reading';
import { textOf } from '../wire/request';

/** One call of a tool with what came back. */
export interface FinishedCall {
  name: string;
  arguments: Record<string, unknown>;
  result: string;
}

/** What one person said, and what happened until they spoke again. */
export interface Turn {
  question: string;
  calls: FinishedCall[];
  answer?: string;
}

/** A conversation, oldest turn first; the last turn is the one to answer. */
export interface Conversation {
  system: string;
  turns: Turn[];
}

/** What was said longer ago is not looked at. */
const MOST_TURNS = 12;

function parseArguments(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text || '{}');
    return value && typeof value === 'object' && !Array.isArray(value)
      ? value
      : {};
  } catch {
    return {};
  }
}

/** Reads messages as turns. A call without a result counts as not made. */
export function readConversation(messages: ChatMessage[]): Conversation {
  const system: string[] = [];
  const turns: Turn[] = [];
  const pending = new Map<string, { name: string; arguments: string }>();
  for (const message of messages) {
    const text = textOf(message.content);
    if (message.role === 'system' || message.role === 'developer') {
      system.push(text);
    } else if (message.role === 'user') {
      const last = turns.at(-1);
      // two user messages in a row are one question said in two breaths
      if (
        last &&
        !last.calls.length &&
        last.answer === undefined &&
        !pending.size
      ) {
        last.question = `${last.question}\n${text}`;
      } else {
        turns.push({ question: text, calls: [] });
      }
    } else if (message.role === 'assistant') {
      for (const call of message.tool_calls ?? []) {
        pending.set(call.id, call.function);
      }
      const turn = turns.at(-1);
      if (text && turn && !message.tool_calls?.length) turn.answer = text;
    } else {
      const call = pending.get(message.tool_call_id ?? '');
      pending.delete(message.tool_call_id ?? '');
      turns.at(-1)?.calls.push({
        name: call?.name ?? message.name ?? 'tool',
        arguments: parseArguments(call?.arguments ?? '{}'),
        result: text,
      });
    }
  }
  const kept = turns.slice(-MOST_TURNS);
  for (const turn of kept) turn.question = looked(turn.question);
  return { system: system.join('\n'), turns: kept };
}
