import type { JsonObject } from '../providers/ModelProvider';
import {
  isCacheMarked,
  objectOf,
  objectsOf,
  type RequestSlots,
  textsOf,
  type TextSlot,
} from './TextSlot';

/** What may be changed in a request in OpenAI's chat form. */
export function chatSlots(body: JsonObject): RequestSlots {
  const messages = objectsOf(body.messages);
  const kept = messages.findLastIndex(message => isCacheMarked(message));
  const lastUser = messages.findLastIndex(message => message?.role === 'user');
  const calls = new Map<unknown, { call: string; round: number }>();
  const slots: TextSlot[] = [];
  let rounds = 0;
  messages.forEach((message, index) => {
    const made = objectsOf(message?.tool_calls);
    for (const toolCall of made) {
      const asked = objectOf(toolCall?.function);
      calls.set(toolCall?.id, {
        call: `${asked?.name}\n${asked?.arguments}`,
        round: rounds,
      });
    }
    rounds += made.length > 0 ? 1 : 0;
    if (!message || index <= kept) {
      return;
    }
    const texts = textsOf(message.content, ['messages', index, 'content']);
    switch (message.role) {
      case 'system':
      case 'developer':
        slots.push(
          ...texts.map(found => ({ ...found, kind: 'system' as const })),
        );
        break;
      case 'user':
        if (index !== lastUser) {
          slots.push(
            ...texts.map(found => ({ ...found, kind: 'user' as const })),
          );
        }
        break;
      case 'tool': {
        const known = calls.get(message.tool_call_id);
        slots.push(
          ...texts.map(({ path, text, whole }) => ({
            path,
            text,
            kind: 'tool' as const,
            result: {
              call: known?.call,
              round: known?.round ?? Math.max(0, rounds - 1),
              whole,
            },
          })),
        );
        break;
      }
      default:
    }
  });
  return { slots, rounds };
}
