import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { wordsOf } from './text/words';
import { InvalidRequestError } from './wire/request';
import { countTokens } from './wire/tokens';

/** The id of the embeddings. @public */
export const HASHED_EMBEDDINGS_ID = 'builtin/hashed-ngrams';

/** How many numbers one embedding has. @public */
export const HASHED_EMBEDDING_DIMENSIONS = 384;

const MOST_INPUTS = 2048;

const requestSchema = z.looseObject({
  model: z.string().optional(),
  input: z.union([
    z.string().min(1),
    z.array(z.string().min(1)).min(1).max(MOST_INPUTS),
  ]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.literal(HASHED_EMBEDDING_DIMENSIONS).nullish(),
});

/**
 * The part of an OpenAI embeddings request that is read. Only the full 384 dimensions are offered.
 *
 * @public
 */
export type EmbeddingsRequest = z.input<typeof requestSchema>;

/**
 * An OpenAI embeddings response; `embedding` is base64 of little-endian 32-bit floats when asked for.
 *
 * @public
 */
export interface EmbeddingsResponse {
  object: 'list';
  model: string;
  data: { object: 'embedding'; index: number; embedding: number[] | string }[];
  usage: { prompt_tokens: number; total_tokens: number };
}

function featuresOf(text: string): Map<string, number> {
  const features = new Map<string, number>();
  const add = (feature: string, weight: number) =>
    features.set(feature, (features.get(feature) ?? 0) + weight);
  const words = wordsOf(text.normalize('NFKC'), 'en');
  for (const [index, word] of words.entries()) {
    const plain = word.plain;
    add(`w:${word.stems[0]}`, plain ? 0.2 : 1);
    const next = words[index + 1];
    if (next && !(plain && next.plain))
      add(`b:${word.stems[0]} ${next.stems[0]}`, 0.5);
    if (plain) continue;
    const padded = `^${word.lower}$`;
    for (let at = 0; at + 3 <= padded.length; at++)
      add(`c:${padded.slice(at, at + 3)}`, 0.3);
  }
  return features;
}

function embedOne(text: string): number[] {
  const vector = new Float64Array(HASHED_EMBEDDING_DIMENSIONS);
  for (const [feature, count] of featuresOf(text)) {
    const hash = createHash('sha256').update(feature).digest();
    const weight = 1 + Math.log(count + 1);
    const scale = feature.startsWith('c:') ? 0.3 : 1;
    // two places with signs of their own make chance meetings cancel out
    for (const at of [0, 8]) {
      const place = hash.readUInt32LE(at) % HASHED_EMBEDDING_DIMENSIONS;
      vector[place] += (hash[at + 4] % 2 ? 1 : -1) * weight * scale * count;
    }
  }
  const norm = Math.hypot(...vector);
  return Array.from(vector, value => (norm ? Math.fround(value / norm) : 0));
}

/**
 * Answers an OpenAI embeddings request by hashing words and their letters: texts that share words or parts of words lie
 * near each other. They are lexical and know nothing of meaning; deterministic, so vectors of different processes and
 * times compare.
 *
 * @public
 */
export function embed(request: EmbeddingsRequest): EmbeddingsResponse {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvalidRequestError(
      `Invalid embeddings request at "${issue.path.join('.') || 'body'}": ${
        issue.message
      }`,
    );
  }
  const texts = [parsed.data.input].flat();
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  return {
    object: 'list',
    model: HASHED_EMBEDDINGS_ID,
    data: texts.map((text, index) => {
      const embedding = embedOne(text);
      return {
        object: 'embedding',
        index,
        embedding:
          parsed.data.encoding_format === 'base64'
            ? Buffer.from(Float32Array.from(embedding).buffer).toString(
                'base64',
              )
            : embedding,
      };
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
