import { invalidRequest } from '../errors';
import type { JsonObject } from '../providers/ModelProvider';

/**
 * Members by which aggregators (OpenRouter, LiteLLM and others) let a request
 * choose another model or supplier than the one it names, which is the one whose
 * use was allowed, whose price is known and whose region the data policy knows.
 */
const ROUTING = [
  'models',
  'model_list',
  'route',
  'provider',
  'providers',
  'fallbacks',
  'plugins',
  'preset',
  'transforms',
  'extra_body',
] as const;

/** Members that also say who serves, what is read and what it may cost. */
const DECISIVE: ReadonlySet<string> = new Set([
  ...ROUTING,
  'model',
  'messages',
  'input',
  'prompt',
  'query',
  'documents',
  'system',
  'instructions',
  'tools',
  'store',
  'web_search_options',
  'stream',
  'stream_format',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'n',
  'service_tier',
]);

/** Refuses what would change, behind the gateway, who serves the request. */
export function refuseRouting(body: JsonObject): void {
  for (const name of Object.keys(body)) {
    // What is written in Go takes names in any case, by which nothing is looked at here.
    const plain = name.toUpperCase().toLowerCase();
    if (plain !== name && DECISIVE.has(plain)) {
      throw invalidRequest(
        `\`${name}\` is not supported, because some providers would take it for \`${plain}\`; write it like that.`,
      );
    }
  }
  for (const name of ROUTING) {
    if (isSet(body, name)) {
      throw invalidRequest(
        `\`${name}\` is not supported, because it could make the provider use another model than the one that was asked for; name the model, or a route of the portal, in \`model\`.`,
      );
    }
  }
}

/** Refuses what would run or be kept at the provider of a chat completion. */
export function refuseServerSideChat(body: JsonObject): void {
  if (isSet(body, 'web_search_options')) {
    throw invalidRequest(
      '`web_search_options` is not supported, because the search would go past the tool gateway; offer a tool that searches in `tools`.',
    );
  }
  if (body.store === true) {
    throw invalidRequest(
      '`store: true` is not supported, because all callers share one account at the provider; leave `store` out or send false.',
    );
  }
}

function isSet(body: JsonObject, name: string): boolean {
  return (
    Object.hasOwn(body, name) && body[name] !== null && body[name] !== undefined
  );
}
