import { createHash } from 'node:crypto';
import { fold } from './lexicon/Lexicon';
import { toUnitLength } from './similarity';
import type { EmbeddingSource } from './store';

const DIMENSIONS = 384;
const GRAM = 4;

/**
 * Words weigh more than the pieces of them, and long words more than short ones,
 * for the short ones are in every question.
 */
const WORD_WEIGHT = 1.5;
const GRAM_WEIGHT = 0.5;

/**
 * Embeddings without a model: the words and letters of a question, hashed. They
 * tell whether two questions are worded alike, not whether they mean the same.
 */
export const lexicalEmbeddings: EmbeddingSource = {
  kind: 'lexical',
  threshold: 0.4,
  embed: lexicalEmbedding,
};

/** A vector of unit length; nothing for a text without a letter. */
export function lexicalEmbedding(text: string): Float32Array | undefined {
  const vector = new Float32Array(DIMENSIONS);
  for (const word of fold(text).match(/[\p{L}\p{N}]+/gu) ?? []) {
    const weight = Math.log2(1 + word.length);
    add(vector, ` ${word}`, WORD_WEIGHT * weight);
    const framed = ` ${word} `;
    for (let at = 0; at + GRAM <= framed.length; at += 1) {
      add(vector, framed.slice(at, at + GRAM), GRAM_WEIGHT);
    }
  }
  return toUnitLength(vector);
}

function add(vector: Float32Array, feature: string, weight: number): void {
  const hash = createHash('sha1').update(feature).digest();
  const place = hash.readUInt32LE(0) % DIMENSIONS;
  // A sign keeps features that meet in one place from adding up.
  vector[place] += hash[4] % 2 === 0 ? weight : -weight;
}
