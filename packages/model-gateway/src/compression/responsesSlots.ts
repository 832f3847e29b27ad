import type { JsonObject } from '../providers/ModelProvider';
import {
  isCacheMarked,
  objectsOf,
  type RequestSlots,
  textsOf,
  type TextSlot,
} from './TextSlot';

const TEXT_PARTS = ['input_text', 'text'];

/**
 * What may be changed in a request of OpenAI's Responses API. Reasoning is
 * encrypted and no text of it is ever looked at.
 */
export function responsesSlots(body: JsonObject): RequestSlots {
  const items = objectsOf(body.input);
  const kept = items.findLastIndex(item => isCacheMarked(item));
  const lastUser = items.findLastIndex(item => item?.role === 'user');
  const calls = new Map<unknown, { call: string; round: number }>();
  const slots: TextSlot[] = [];
  if (kept < 0 && typeof body.instructions === 'string') {
    slots.push({
      path: ['instructions'],
      text: body.instructions,
      kind: 'system',
    });
  }
  let rounds = 0;
  items.forEach((item, index) => {
    if (item?.type === 'function_call') {
      // Calls that were made at once follow each other.
      rounds += items[index - 1]?.type === 'function_call' ? 0 : 1;
      calls.set(item.call_id, {
        call: `${item.name}\n${item.arguments}`,
        round: rounds - 1,
      });
    }
    if (!item || index <= kept) {
      return;
    }
    if (item.type === 'function_call_output') {
      const known = calls.get(item.call_id);
      slots.push(
        ...textsOf(item.output, ['input', index, 'output'], TEXT_PARTS).map(
          ({ path, text, whole }) => ({
            path,
            text,
            kind: 'tool' as const,
            result: {
              call: known?.call,
              round: known?.round ?? Math.max(0, rounds - 1),
              whole,
            },
          }),
        ),
      );
      return;
    }
    const kind = kindOf(item.role);
    if (kind && index !== lastUser) {
      slots.push(
        ...textsOf(item.content, ['input', index, 'content'], TEXT_PARTS).map(
          ({ path, text }) => ({ path, text, kind }),
        ),
      );
    }
  });
  return { slots, rounds };
}

function kindOf(role: unknown): 'system' | 'user' | undefined {
  if (role === 'system' || role === 'developer') {
    return 'system';
  }
  return role === 'user' ? 'user' : undefined;
}
