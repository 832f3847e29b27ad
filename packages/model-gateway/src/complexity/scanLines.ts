import type { TextScan } from './scanText';

const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;

/** Counts what the shape of the lines of a text tells, quotations and code too. */
export function scanLines(text: string, scan: TextScan): void {
  let lineStart = 0;
  let fenced = false;
  for (let at = 0; at <= text.length; at += 1) {
    const code = at < text.length ? text.charCodeAt(at) : NEWLINE;
    if (code === NEWLINE) {
      fenced = scanLine(text, lineStart, at, fenced, scan);
      lineStart = at + 1;
    } else if (code >= 48 && code <= 57) {
      scan.digits += 1;
    } else if (code === 94 || (code >= 0x2200 && code <= 0x22ff)) {
      // a caret, and the block of mathematical operators
      scan.mathSigns += 1;
    }
  }
}

/** @returns whether the next line stands in a fenced block */
function scanLine(
  text: string,
  start: number,
  end: number,
  fenced: boolean,
  scan: TextScan,
): boolean {
  let first = start;
  while (first < end && isSpace(text.charCodeAt(first))) {
    first += 1;
  }
  if (first >= end) {
    return fenced;
  }
  if (text.startsWith('```', first)) {
    return !fenced;
  }
  if (isTrace(text, first, first - start)) {
    scan.traceLines += 1;
  } else if (fenced || endsLikeCode(text.charCodeAt(end - 1))) {
    scan.codeLines += 1;
  } else if (isListItem(text, first)) {
    scan.listItems += 1;
  }
  return fenced;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isTrace(text: string, first: number, indent: number): boolean {
  return (
    (indent > 1 && text.startsWith('at ', first)) ||
    text.startsWith('Traceback', first) ||
    text.startsWith('File "', first) ||
    text.startsWith('Caused by', first)
  );
}

/** By a semicolon or a curly bracket. */
function endsLikeCode(last: number): boolean {
  return last === 59 || last === 123 || last === 125;
}

/** `- x`, `* x`, `• x`, `1. x`, `2) x`, `a) x`. */
function isListItem(text: string, first: number): boolean {
  const code = text.charCodeAt(first);
  const next = text.charCodeAt(first + 1);
  if (code === 45 || code === 42 || code === 0x2022) {
    return next === SPACE;
  }
  return (
    (code >= 48 && code <= 57 && (next === 46 || next === 41)) ||
    (code >= 97 && code <= 104 && next === 41)
  );
}
