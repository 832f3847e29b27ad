import { brotliDecompressSync } from 'node:zlib';
import { BUCKETS, visitFeatures } from './features';

/** What training made. */
export interface Weights {
  /** One signed byte for each bucket, most of them 0: compressed by Brotli, in Base64. */
  buckets: string;
  /** What a byte of 1 weighs. */
  scale: number;
  bias: number;
  /** From this probability on a window counts as an instruction. */
  threshold: number;
  /** The commonest words, the commonest first. */
  words: string;
}

/** Logistic regression over hashed features. */
export class LinearModel {
  readonly #buckets: Int8Array;
  readonly #weights: Weights;

  constructor(weights: Weights) {
    this.#weights = weights;
    const bytes = brotliDecompressSync(Buffer.from(weights.buckets, 'base64'));
    if (bytes.length !== BUCKETS) {
      throw new Error(
        `The weights have ${bytes.length} buckets and not ${BUCKETS}. Train them again.`,
      );
    }
    this.#buckets = new Int8Array(bytes.buffer, bytes.byteOffset, BUCKETS);
  }

  /**
   * How sure it is that a window tries to steer its reader, from 0 to 1, where 0.5 is
   * the threshold that training chose.
   *
   * @param text - a folded text
   */
  score(text: string): number {
    const { bias, scale, threshold } = this.#weights;
    let sum = 0;
    let count = 0;
    visitFeatures(text, bucket => {
      sum += this.#buckets[bucket];
      count += 1;
    });
    const logit = bias + (count && (sum * scale) / Math.sqrt(count));
    return 1 / (1 + Math.exp(Math.log(threshold / (1 - threshold)) - logit));
  }
}
