import { countWords, WORD_KINDS } from './lexicon';
import { scanLines } from './scanLines';

/** Of a longer text so much is looked at from either end. */
const EDGE_CHARS = 8_192;

/** Of what is asked, so much is read from either end. */
const ASKING_CHARS = 600;

/** A quotation is longer than a name. */
const QUOTED_CHARS = 12;

const FENCE = '```';

const CLOSING: Record<string, string> = {
  '"': '"',
  '“': '”',
  '„': '“',
  '«': '»',
};

/** What the shape and the words of a text say about it. */
export interface TextScan {
  /** Of the whole text. */
  chars: number;
  /** Of quotations and fenced code: what is worked on, not what is asked. */
  material: number;
  /** Words of what is asked. */
  words: number;
  /** By kind, in the order of `WORD_KINDS`. */
  wordCounts: number[];
  questions: number;
  sentences: number;
  listItems: number;
  digits: number;
  /** Lines of fenced blocks, and others that look like code. */
  codeLines: number;
  traceLines: number;
  mathSigns: number;
}

/** Looks at each character a few times, at most at 16 kB of them. */
export function scanText(text: string): TextScan {
  const seen =
    text.length <= 2 * EDGE_CHARS
      ? text
      : `${text.slice(0, EDGE_CHARS)}\n${text.slice(-EDGE_CHARS)}`;
  const asking = withoutMaterial(seen);
  const scan: TextScan = {
    chars: text.length,
    material: seen.length - asking.length,
    words: 0,
    wordCounts: new Array<number>(WORD_KINDS.length).fill(0),
    questions: 0,
    sentences: 0,
    listItems: 0,
    digits: 0,
    codeLines: 0,
    traceLines: 0,
    mathSigns: 0,
  };
  scanLines(seen, scan);
  if (asking.length <= 2 * ASKING_CHARS) {
    readAsking(asking, scan);
  } else {
    readAsking(asking.slice(0, ASKING_CHARS), scan);
    readAsking(asking.slice(-ASKING_CHARS), scan);
  }
  return scan;
}

function readAsking(text: string, scan: TextScan): void {
  scan.words += countWords(text, scan.wordCounts);
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '?') {
      scan.questions += 1;
    } else if (char === '.' || char === '!') {
      const next = text[at + 1];
      if (next === ' ' || next === '\n' || next === undefined) {
        scan.sentences += 1;
      }
    }
  }
}

/** Leaves out fenced code and quotations. */
function withoutMaterial(text: string): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const close =
      text[at] === '`' && text.startsWith(FENCE, at)
        ? FENCE
        : CLOSING[text[at]];
    if (close === undefined) {
      continue;
    }
    const end = text.indexOf(close, at + close.length);
    if (end < 0) {
      // Without an end, further signs of the kind would be looked up in vain.
      break;
    }
    if (end > at + QUOTED_CHARS) {
      out += text.slice(from, at);
      from = end + close.length;
    }
    at = end + close.length - 1;
  }
  return out + text.slice(from);
}
