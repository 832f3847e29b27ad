import { skipSpace, skipString, skipValue } from '../http/rewriteTopLevel';
import type { JsonPath } from './TextSlot';

/** A text in a JSON text, and what it becomes. */
export interface StringEdit {
  path: JsonPath;
  from: string;
  to: string;
}

interface Node {
  children: Map<string, Node>;
  edit?: StringEdit;
}

/**
 * Replaces texts in a JSON text and leaves every other byte alone.
 *
 * @param text - JSON that has been parsed already, so it is well-formed
 */
export function rewriteStrings(text: string, edits: StringEdit[]): string {
  const root: Node = { children: new Map() };
  for (const edit of edits) {
    let node = root;
    for (const key of edit.path) {
      const next = node.children.get(String(key)) ?? { children: new Map() };
      node.children.set(String(key), next);
      node = next;
    }
    node.edit = edit;
  }
  const state: Rewritten = { out: '', copied: 0 };
  walk(text, skipSpace(text, 0), root, state);
  return state.out + text.slice(state.copied);
}

/** What has been written, and up to where of the text it goes. */
interface Rewritten {
  out: string;
  copied: number;
}

/**
 * Goes into what holds a text to replace; everything else is stepped over.
 *
 * @returns the end of the value
 */
function walk(
  text: string,
  start: number,
  node: Node,
  state: Rewritten,
): number {
  const open = text[start];
  if (open === '"') {
    const end = skipString(text, start);
    const { edit } = node;
    // Of a repeated member parsers take the last, and it may not be this one.
    if (edit && JSON.parse(text.slice(start, end)) === edit.from) {
      state.out += text.slice(state.copied, start) + JSON.stringify(edit.to);
      state.copied = end;
    }
    return end;
  }
  if (open !== '{' && open !== '[') {
    return skipValue(text, start);
  }
  const close = open === '{' ? '}' : ']';
  let at = skipSpace(text, start + 1);
  for (let index = 0; text[at] !== close; index += 1) {
    let key = String(index);
    if (open === '{') {
      const nameEnd = skipString(text, at);
      key = JSON.parse(text.slice(at, nameEnd)) as string;
      at = skipSpace(text, skipSpace(text, nameEnd) + 1);
    }
    const child = node.children.get(key);
    const end: number = child
      ? walk(text, at, child, state)
      : skipValue(text, at);
    at = skipSpace(text, end);
    if (text[at] === ',') {
      at = skipSpace(text, at + 1);
    }
  }
  return at + 1;
}
