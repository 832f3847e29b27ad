const SENTENCE_END = /[.!?;](?=\s)|[。！？；\n]/g;
const MIN = 12;
const MAX = 300;

/**
 * Sentences of a text, and each with the next one: an instruction is no longer, and
 * what stands around it must not dilute it.
 */
export function* windowsOf(text: string): Iterable<string> {
  let last = '';
  for (const sentence of sentencesOf(text)) {
    yield sentence;
    if (last && last.length + sentence.length < MAX) {
      yield `${last} ${sentence}`;
    }
    last = sentence;
  }
}

function* sentencesOf(text: string): Iterable<string> {
  let start = 0;
  const cut = function* cut(end: number) {
    while (end - start > MAX) {
      const space = text.lastIndexOf(' ', start + MAX);
      const at = space > start + MAX / 2 ? space : start + MAX;
      yield text.slice(start, at);
      start = at;
    }
    const sentence = text.slice(start, end).trim();
    start = end;
    if (sentence) yield sentence;
  };
  for (const { index } of text.matchAll(SENTENCE_END)) {
    if (index + 1 - start >= MIN) {
      yield* cut(index + 1);
    }
  }
  yield* cut(text.length);
}

/** Pieces of a text without sentences that overlap. */
export function* piecesOf(text: string): Iterable<string> {
  const words = text.split(' ');
  for (let at = 0; at === 0 || at + 6 < words.length; at += 6) {
    yield words.slice(at, at + 14).join(' ');
  }
}
