import { digestOf } from './digest';
import { readMeaning } from './guards/readMeaning';
import type { EmbeddingSource } from './store';

/** Longer texts are hardly ever asked in other words, and take long to read. */
const MAX_CHARS = 2_000;

/**
 * Digest of a partition and of all that must be equal in two questions which share
 * an answer, so that a question is never compared to one that differs in it. Of
 * words alone nobody can tell what they mean; then they must be the same words.
 *
 * @returns nothing when the question cannot be understood well enough
 */
export function bucketOf(
  secret: string,
  partition: string,
  question: string,
  { kind }: Pick<EmbeddingSource, 'kind'>,
): string | undefined {
  const meaning =
    question.length <= MAX_CHARS ? readMeaning(question) : undefined;
  if (!meaning || meaning.words.length === 0) {
    return undefined;
  }
  return digestOf(secret, [
    partition,
    'meaning',
    kind,
    meaning.guards,
    kind === 'lexical' ? meaning.words : null,
  ]);
}
