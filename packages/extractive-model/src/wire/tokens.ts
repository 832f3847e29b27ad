import type { ChatMessage, ParsedRequest } from './request';
import { textOf } from './request';

const TOKEN = /\s?\p{L}{1,7}|\s?\p{N}{1,3}|\s?[^\s\p{L}\p{N}]{1,3}|\s+/gu;

/** Splits text into this model's tokens: at most seven letters, three digits or three signs, with one space before. */
export function tokensOf(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

/** How many of this model's tokens a text has. */
export function countTokens(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(TOKEN)) count++;
  return count;
}

function messageTokens(message: ChatMessage): number {
  let count = 3 + countTokens(textOf(message.content));
  for (const call of message.tool_calls ?? []) {
    count += 3 + countTokens(call.function.name + call.function.arguments);
  }
  return count;
}

/** What a request costs in tokens: messages and the definitions of the tools. */
export function promptTokens(request: ParsedRequest): number {
  let count = 3;
  for (const message of request.messages) count += messageTokens(message);
  if (request.tools?.length)
    count += countTokens(JSON.stringify(request.tools));
  return count;
}
