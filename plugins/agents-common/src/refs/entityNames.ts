const MAX_NAME_LENGTH = 63;

/**
 * The name of the Tool entity for a tool of an MCP server:
 * `toolEntityName('orders', 'find_order')` is `orders.find_order`.
 *
 * @public
 */
export function toolEntityName(serverName: string, toolName: string): string {
  return toEntityName(`${serverName}.${toolName}`);
}

/**
 * The name of the Model entity for a model of the gateway:
 * `modelEntityName('openai/gpt-5.1')` is `openai.gpt-5.1`.
 *
 * @public
 */
export function modelEntityName(gatewayId: string): string {
  return toEntityName(gatewayId.replaceAll('/', '.'));
}

/**
 * Replaces what entity names forbid by `-`. A name that is too long is cut and
 * ends in a hash of the whole, so that two long names stay two names.
 */
function toEntityName(raw: string): string {
  const name = raw
    .replace(/[^A-Za-z0-9\-_.]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/[^A-Za-z0-9]+$/, '');
  if (!name) {
    return `x${fnv1a(raw)}`;
  }
  if (name.length <= MAX_NAME_LENGTH) {
    return name;
  }
  return `${name.slice(0, MAX_NAME_LENGTH - 9)}-${fnv1a(raw)}`;
}

/** FNV-1a, 32 bits, in hex: short, and the same in browsers and in Node. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
