import type { Account, DataClassification } from '../ports';
import type { TextAnswer } from './textAnswer';

/**
 * Where an answer may be looked for. All of it is digests, compared for equality:
 * nothing that tells one caller or context from another is ever a distance.
 *
 * @public
 */
export interface CacheKey {
  /** Of everything about a call but the text of its last question. */
  partition: string;
  /** Of the partition and the question, word for word. */
  question: string;
  /**
   * Of the partition, the kind of embedding and what must be equal in two
   * questions for one answer to fit both. Absent when only the same words do.
   */
  bucket?: string;
}

/**
 * An entry that may answer a question.
 *
 * @public
 */
export interface CacheCandidate {
  id: string;
  /** The question is the same, word for word. */
  exact: boolean;
  /** Of unit length. */
  embedding?: Float32Array;
  /** Gateway id of the model that made the answer. */
  model: string;
  /** What it cost then. */
  costNanoUsd: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/**
 * An answer to remember.
 *
 * @public
 */
export interface CacheEntry extends CacheKey {
  embedding?: Float32Array;
  model: string;
  answer: TextAnswer;
  costNanoUsd: number;
  inputTokens: number;
  outputTokens: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  expiresAt: number;
  /** Whom it was made for, so that it can be purged; what is found never hangs on it. */
  madeFor: { agentRef?: string; keyId?: string; userRef?: string };
}

/**
 * Keeps answers. An entry that has expired or was purged, by whichever process,
 * is not found any more.
 *
 * @public
 */
export interface CacheStore {
  /**
   * The entry with the same question, or else the newest of the bucket.
   * `mark` says which purges there had been by then.
   */
  find(
    key: CacheKey,
    now: number,
  ): Promise<{ candidates: CacheCandidate[]; mark: number }>;
  answer(id: string): Promise<TextAnswer | undefined>;
  /** Remembers an entry unless it was purged after `mark`, before it came. */
  put(entry: CacheEntry, mark: number): Promise<void>;
  /** Counts that an entry was used. */
  used(id: string, now: number): Promise<void>;
}

/**
 * Turns questions into vectors whose closeness is closeness in meaning, more or less.
 *
 * @public
 */
export interface EmbeddingSource {
  /** `lexical` or the gateway id of an embedding model; vectors of two kinds are never compared. */
  readonly kind: string;
  /** The least cosine similarity of two questions with one answer, from 0 to 1. */
  readonly threshold: number;
  /**
   * A vector of unit length.
   *
   * @param call - on whose account it is made, if it costs money
   */
  embed(
    question: string,
    call: EmbeddingCall,
  ): Promise<Float32Array | undefined> | Float32Array | undefined;
}

/**
 * The call that a question belongs to.
 *
 * @public
 */
export interface EmbeddingCall {
  callId: string;
  account: Account;
  dataClassification?: DataClassification;
  signal: AbortSignal;
}
