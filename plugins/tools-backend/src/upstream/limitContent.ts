import type { JSONRPCMessage } from '@modelcontextprotocol/client';

/** Blocks of one answer. Nobody reads as many, and the SDK checks each of them. */
const MAX_BLOCKS = 1_000;

/** Leaves out the blocks of an answer that are too many, and says so in it. */
export function limitContent<T extends JSONRPCMessage>(message: T): T {
  const result = (message as { result?: { content?: unknown } }).result;
  if (!Array.isArray(result?.content) || result.content.length <= MAX_BLOCKS) {
    return message;
  }
  const text = `[The answer has ${result.content.length} blocks of content, and ${MAX_BLOCKS} are passed on. Ask for less: use a filter or a smaller limit.]`;
  const content = [
    { type: 'text', text },
    ...result.content.slice(0, MAX_BLOCKS),
  ];
  return { ...message, result: { ...result, content } };
}
