import type { Span } from '@agentportal/plugin-traces-common';
import { KINDS } from './kinds';

/** Whether a span has all of the words, wherever. */
export function isMatch(span: Span, words: readonly string[]): boolean {
  const { agent, error, kind, model, name, provider, tool } = span;
  const text = [name, KINDS[kind].word, agent, model, provider, tool, error]
    .join(' ')
    .toLocaleLowerCase('en-US');
  return words.every(word => text.includes(word));
}

export function wordsOf(question: string): string[] {
  return question.toLocaleLowerCase('en-US').split(/\s+/).filter(Boolean);
}

/**
 * The spans that are drawn, out of all in the order of a tree: without what is below those that are
 * closed; while something is searched for, what was found and what it is below.
 */
export function spanRows(
  spans: readonly Span[],
  options: { closed: ReadonlySet<string>; words: readonly string[] },
): Span[] {
  const { closed, words } = options;
  if (words.length > 0) {
    return foundRows(spans, words);
  }
  let closedAt = Infinity;
  return spans.filter(({ depth, spanId }) => {
    if (depth > closedAt) {
      return false;
    }
    closedAt = closed.has(spanId) ? depth : Infinity;
    return true;
  });
}

function foundRows(spans: readonly Span[], words: readonly string[]): Span[] {
  const path: number[] = [];
  const isShown = new Set<number>();
  spans.forEach((span, index) => {
    path.length = Math.min(path.length, span.depth);
    path.push(index);
    if (isMatch(span, words)) {
      // Whatever is shown is so with all that it is below.
      for (let up = path.length - 1; up >= 0 && !isShown.has(path[up]); up--) {
        isShown.add(path[up]);
      }
    }
  });
  return spans.filter((_, index) => isShown.has(index));
}

/** All that a span is below, so that it can be opened. */
export function ancestorsOf(spans: readonly Span[], spanId: string): string[] {
  const at = spans.findIndex(span => span.spanId === spanId);
  const ancestors: string[] = [];
  let depth = spans[at]?.depth ?? 0;
  for (let up = at - 1; up >= 0 && depth > 0; up--) {
    if (spans[up].depth < depth) {
      depth = spans[up].depth;
      ancestors.push(spans[up].spanId);
    }
  }
  return ancestors;
}

/** Where it hurts: of the spans that failed, the first of those that lie deepest; else the first of all. */
export function spanToShow(spans: readonly Span[]): Span | undefined {
  let shown = spans[0];
  for (const span of spans) {
    if (
      span.status === 'error' &&
      (shown.status !== 'error' || span.depth > shown.depth)
    ) {
      shown = span;
    }
  }
  return shown;
}
