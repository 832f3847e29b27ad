/** More is judged by the density of what was counted. */
const MAX_COUNTED = 64 * 1024;

/**
 * The tokenizer takes a time that grows with the square of a word's length, so
 * it never gets more than this at once. A cut may add one token.
 */
const PIECE = 512;

/** Where nothing was counted. */
const CHARS_PER_TOKEN = 4;

/** Counts tokens of a text as OpenAI's newer models do. */
export type TokenCounter = (text: string) => number;

let counter: TokenCounter | undefined;

/**
 * The vocabulary takes 200 ms to load and some 60 MB, so it is loaded when the
 * first request is compressed and not before.
 */
export function tokenCounter(): TokenCounter {
  counter ??= load();
  return counter;
}

function load(): TokenCounter {
  // An import would load it at start.
  const { countTokens } =
    // eslint-disable-next-line global-require
    require('gpt-tokenizer/encoding/o200k_base') as typeof import('gpt-tokenizer/encoding/o200k_base');
  // Prompts may say what are signs of the model's own; here it is text.
  const plain = { disallowedSpecial: new Set<string>() };
  return text => {
    const counted = Math.min(text.length, MAX_COUNTED);
    let tokens = 0;
    for (let at = 0; at < counted; at += PIECE) {
      tokens += countTokens(
        text.slice(at, Math.min(at + PIECE, counted)),
        plain,
      );
    }
    return Math.round(scale(tokens, counted, text.length));
  };
}

function scale(tokens: number, counted: number, chars: number): number {
  return counted === 0 ? chars / CHARS_PER_TOKEN : (tokens * chars) / counted;
}
