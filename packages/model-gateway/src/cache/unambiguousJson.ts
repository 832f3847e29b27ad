/** Integers beyond this many digits are not the same number to every parser. */
const MAX_DIGITS = 15;

/**
 * Whether every parser reads a JSON text in the same way: no member of an object
 * is there twice, and no number is lost in double precision. A provider gets the
 * text as it was sent and may read another member of two than we do; then an
 * answer would be remembered for a question that nobody asked it.
 *
 * @param text - JSON that has been parsed before, so it is well formed
 */
export function isUnambiguousJson(text: string): boolean {
  const open: Array<Set<string> | undefined> = [];
  let index = 0;
  while (index < text.length) {
    const char = text[index];
    if (char === '"') {
      const end = endOfString(text, index);
      const names = open.at(-1);
      if (names && isName(text, end)) {
        const name = JSON.parse(text.slice(index, end)) as string;
        if (names.has(name)) {
          return false;
        }
        names.add(name);
      }
      index = end;
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : undefined);
      index += 1;
    } else if (char === '}' || char === ']') {
      open.pop();
      index += 1;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const [literal] = /^-?[0-9.eE+-]*/.exec(text.slice(index, index + 400))!;
      if (!isExact(literal)) {
        return false;
      }
      index += literal.length;
    } else {
      index += 1;
    }
  }
  return true;
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; ; index += 1) {
    if (text[index] === '\\') {
      index += 1;
    } else if (text[index] === '"') {
      return index + 1;
    }
  }
}

function isName(text: string, end: number): boolean {
  let index = end;
  while (/\s/.test(text[index])) {
    index += 1;
  }
  return text[index] === ':';
}

function isExact(literal: string): boolean {
  const [integer] = /[0-9]+/.exec(literal)!;
  return integer.length <= MAX_DIGITS && Number.isFinite(Number(literal));
}
