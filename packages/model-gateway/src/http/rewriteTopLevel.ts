/**
 * Replaces or adds top-level members of a JSON object in its text and leaves
 * every other byte alone, so that numbers beyond double precision, member order
 * and fields that we do not know reach the provider as the caller wrote them.
 *
 * @param text - a JSON object that has been parsed already, so it is well-formed
 * @param members - JSON texts by member name
 */
export function rewriteTopLevel(
  text: string,
  members: Record<string, string>,
): string {
  const pending = new Map(Object.entries(members));
  let out = '';
  let copied = 0;
  let at = skipSpace(text, text.indexOf('{') + 1);
  const empty = text[at] === '}';
  while (text[at] === '"') {
    const nameEnd = skipString(text, at);
    const name = nameIn(text.slice(at, nameEnd));
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = skipValue(text, start);
    if (Object.hasOwn(members, name)) {
      // Of a repeated member parsers take the last, so each is replaced.
      out += text.slice(copied, start) + members[name];
      copied = end;
      pending.delete(name);
    }
    at = skipSpace(text, end);
    if (text[at] === ',') {
      at = skipSpace(text, at + 1);
    }
  }
  out += text.slice(copied, at);
  const added = [...pending].map(([k, v]) => `${JSON.stringify(k)}:${v}`);
  if (added.length > 0) {
    out += (empty ? '' : ',') + added.join(',');
  }
  return out + text.slice(at);
}

/** Names with escapes are rare. */
function nameIn(quoted: string): string {
  return quoted.includes('\\')
    ? (JSON.parse(quoted) as string)
    : quoted.slice(1, -1);
}

export function skipSpace(text: string, from: number): number {
  let at = from;
  while (' \n\r\t'.includes(text[at]) && at < text.length) {
    at += 1;
  }
  return at;
}

/** By `indexOf`, because prompts are long. */
export function skipString(text: string, from: number): number {
  let quote = text.indexOf('"', from + 1);
  while (isEscaped(text, quote)) {
    quote = text.indexOf('"', quote + 1);
  }
  return quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === '\\') {
    before -= 1;
  }
  return (at - before) % 2 === 0;
}

export function skipValue(text: string, from: number): number {
  if (text[from] === '"') {
    return skipString(text, from);
  }
  let at = from;
  let depth = 0;
  while (at < text.length) {
    const char = text[at];
    if (char === '"') {
      at = skipString(text, at);
      continue;
    }
    if (char === '{' || char === '[') {
      depth += 1;
    } else if (char === '}' || char === ']') {
      if (depth === 0) {
        return at;
      }
      depth -= 1;
    } else if (depth === 0 && (char === ',' || ' \n\r\t'.includes(char))) {
      return at;
    }
    at += 1;
    if (depth === 0 && (char === '}' || char === ']')) {
      return at;
    }
  }
  return at;
}
