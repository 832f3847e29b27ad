import { createHash } from 'node:crypto';

/** Longest function name that model APIs take. */
const MAX_LENGTH = 64;

/**
 * Names under which tools are shown to a model. Model APIs know letters,
 * digits, `_` and `-` only; `orders.find_order` becomes `orders__find_order`.
 * Names that would fall together, or are too long, end in a digest.
 *
 * @returns model name by gateway name
 */
export function toModelToolNames(gatewayNames: string[]): Map<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const gatewayName of [...new Set(gatewayNames)].sort()) {
    let name = gatewayName
      .replaceAll('.', '__')
      .replaceAll(/[^a-zA-Z0-9_-]/g, '_');
    if (name.length > MAX_LENGTH || taken.has(name)) {
      const digest = createHash('sha256')
        .update(gatewayName)
        .digest('hex')
        .slice(0, 8);
      name = `${name.slice(0, MAX_LENGTH - 9)}_${digest}`;
    }
    taken.add(name);
    names.set(gatewayName, name);
  }
  return names;
}
