import { invalidRequest } from '../../errors';
import type { ResponsesRequest } from './responses';

/**
 * Refuses what would keep state at the provider or run tools there. All callers
 * share the portal's account at a provider, so whatever is stored under it could
 * be read by anyone who knows its id; and tools that run there would go past the
 * tool gateway.
 */
export function refuseStored(asked: ResponsesRequest): void {
  for (const name of ['previous_response_id', 'conversation'] as const) {
    if (asked[name]) {
      throw invalidRequest(
        `\`${name}\` is not supported, because the gateway keeps no conversations; send the earlier items in \`input\`.`,
      );
    }
  }
  if (asked.store) {
    throw invalidRequest(
      '`store: true` is not supported, because the gateway keeps no answers; leave `store` out or send false.',
    );
  }
  if (asked.background) {
    throw invalidRequest(
      '`background: true` is not supported; leave it out and use `stream: true` for long answers.',
    );
  }
  if (asked.prompt) {
    throw invalidRequest(
      '`prompt` is not supported, because stored prompts belong to an account at a provider; send `instructions`.',
    );
  }
  for (const item of typeof asked.input === 'string' ? [] : asked.input) {
    if (item.type === 'item_reference') {
      throw invalidRequest(
        'Items of type item_reference are not supported, because nothing is stored; send the item itself.',
      );
    }
  }
  for (const tool of asked.tools ?? []) {
    if (tool.type !== 'function' && tool.type !== 'custom') {
      throw invalidRequest(
        `Tools of type ${tool.type} are not supported; define a tool of type function and run it yourself, such as one of the portal's tool gateway.`,
      );
    }
    if (typeof tool.name !== 'string' || tool.name === '') {
      throw invalidRequest('Each of `tools` must have a `name`.');
    }
  }
}
