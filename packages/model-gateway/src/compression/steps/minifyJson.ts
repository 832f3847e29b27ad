/**
 * Drops the white space between the tokens of a JSON text and nothing else: the
 * digits of numbers, the escapes of texts and repeated members stay as they are.
 *
 * @returns `undefined` for what is not an object or a list in JSON
 */
export function minifyJson(text: string): string | undefined {
  const first = text.trimStart()[0];
  if ((first !== '{' && first !== '[') || !isJson(text)) {
    return undefined;
  }
  let out = '';
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      at = afterString(text, at);
    } else if (code === 32 || code === 10 || code === 13 || code === 9) {
      out += text.slice(from, at);
      at += 1;
      from = at;
    } else {
      at += 1;
    }
  }
  return out + text.slice(from);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function afterString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== 34) {
    at += text.charCodeAt(at) === 92 ? 2 : 1;
  }
  return at + 1;
}
