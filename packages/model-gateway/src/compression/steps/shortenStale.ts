/** Longer outputs are shortened once they are stale. */
const LONG_CHARS = 4_000;
const HEAD_CHARS = 1_200;
const TAIL_CHARS = 600;

const BEFORE = '[... ';
const AFTER = ' characters left out ...]';

/**
 * The beginning and the end of a long text, and between them how much is left
 * out, so that the model can call the tool again if it needs the rest.
 */
export function shortenStale(text: string): string | undefined {
  if (text.length <= LONG_CHARS) {
    return undefined;
  }
  const head = cutAt(text, HEAD_CHARS);
  const tail = cutAt(text, text.length - TAIL_CHARS);
  const left = tail - head;
  return `${text.slice(0, head)}\n${BEFORE}${left}${AFTER}\n${text.slice(
    tail,
  )}`;
}

/** Two that were shortened may have been different where they were cut. */
export function isShortened(text: string): boolean {
  const at = text.indexOf(AFTER);
  return at >= 0 && text.lastIndexOf(BEFORE, at) >= 0;
}

/** Never through a character, and at the end of a line if there is one near. */
function cutAt(text: string, at: number): number {
  const line = text.lastIndexOf('\n', at);
  if (line > at - 200) {
    return line;
  }
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
