import type { JsonObject } from '../providers/ModelProvider';
import {
  isCacheMarked,
  objectsOf,
  type RequestSlots,
  textsOf,
  type TextSlot,
} from './TextSlot';

/**
 * What may be changed in a request of Anthropic's Messages API. Thinking is
 * signed and no text of it is ever looked at.
 */
export function messagesSlots(body: JsonObject): RequestSlots {
  const messages = objectsOf(body.messages);
  const kept = messages.findLastIndex(message => isCacheMarked(message));
  const lastUser = messages.findLastIndex(
    message =>
      message?.role === 'user' &&
      textsOf(message.content, []).some(({ text }) => text),
  );
  const calls = new Map<unknown, { call: string; round: number }>();
  const slots: TextSlot[] = [];
  if (kept < 0 && !isCacheMarked(body.system)) {
    slots.push(
      ...textsOf(body.system, ['system']).map(({ path, text }) => ({
        path,
        text,
        kind: 'system' as const,
      })),
    );
  }
  let rounds = 0;
  messages.forEach((message, index) => {
    const blocks = objectsOf(message?.content);
    const uses = blocks.filter(block => block?.type === 'tool_use');
    for (const use of uses) {
      calls.set(use?.id, {
        call: `${use?.name}\n${JSON.stringify(use?.input)}`,
        round: rounds,
      });
    }
    rounds += uses.length > 0 ? 1 : 0;
    if (
      !message ||
      index <= kept ||
      index === lastUser ||
      message.role === 'assistant'
    ) {
      return;
    }
    const path = ['messages', index, 'content'];
    const kind = message.role === 'system' ? 'system' : 'user';
    slots.push(
      ...textsOf(message.content, path).map(
        found => ({ ...found, kind } as const),
      ),
    );
    blocks.forEach((block, at) => {
      if (block?.type !== 'tool_result') {
        return;
      }
      const known = calls.get(block.tool_use_id);
      slots.push(
        ...textsOf(block.content, [...path, at, 'content']).map(found => ({
          path: found.path,
          text: found.text,
          kind: 'tool' as const,
          result: {
            call: known?.call,
            round: known?.round ?? Math.max(0, rounds - 1),
            whole: found.whole,
          },
        })),
      );
    });
  });
  return { slots, rounds };
}
