import type { Price, TokenRate } from '@agentportal/model-gateway';

/** A part of what a model reads or writes that the ledger counts apart. */
export interface TokenKind {
  /** Column of the ledger. */
  column: string;
  /** Last part of a SKU's id. */
  id: string;
  /** As a sentence begins. */
  words: string;
  rate: (price: Price) => TokenRate;
}

type RateName = Exclude<keyof Price, 'version'>;

/** The rate of a part, or that of the whole where it has none of its own. */
function rate(...names: string[]): (price: Price) => TokenRate {
  return price =>
    names
      .map(name => price[name as RateName] as TokenRate | undefined)
      .find(found => found !== undefined)!;
}

/** All of them; no token is in two. */
export const TOKEN_KINDS: readonly TokenKind[] = [
  {
    column: 'input_uncached',
    id: 'input',
    words: 'Input tokens',
    rate: rate('input'),
  },
  {
    column: 'cache_read',
    id: 'cache-read',
    words: 'Input tokens read from the provider’s cache',
    rate: rate('cacheRead', 'input'),
  },
  {
    column: 'cache_write',
    id: 'cache-write',
    words: 'Input tokens written to the provider’s cache',
    rate: rate('cacheWrite', 'input'),
  },
  {
    column: 'cache_write_1h',
    id: 'cache-write-1h',
    words: 'Input tokens written to the provider’s cache for an hour',
    rate: rate('cacheWrite1h', 'cacheWrite', 'input'),
  },
  {
    column: 'input_audio',
    id: 'input-audio',
    words: 'Input tokens of audio',
    rate: rate('inputAudio', 'input'),
  },
  {
    column: 'input_image',
    id: 'input-image',
    words: 'Input tokens of images',
    rate: rate('inputImage', 'input'),
  },
  {
    column: 'output_text',
    id: 'output',
    words: 'Output tokens',
    rate: rate('output'),
  },
  {
    column: 'reasoning',
    id: 'reasoning',
    words: 'Output tokens of reasoning',
    rate: rate('reasoning', 'output'),
  },
  {
    column: 'output_audio',
    id: 'output-audio',
    words: 'Output tokens of audio',
    rate: rate('outputAudio', 'output'),
  },
  {
    column: 'output_image',
    id: 'output-image',
    words: 'Output tokens of images',
    rate: rate('outputImage', 'output'),
  },
];
