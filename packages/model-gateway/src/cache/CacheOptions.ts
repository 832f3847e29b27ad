import { AnswerCache } from './AnswerCache';
import { lexicalEmbeddings } from './lexicalEmbedding';
import {
  ModelEmbeddings,
  type ModelEmbeddingsOptions,
} from './ModelEmbeddings';
import type { CacheStore } from './store';

/**
 * Answers from memory, for the callers that ask for them.
 *
 * @public
 */
export interface CacheOptions {
  store: CacheStore;
  /**
   * Key of all digests, the same for all processes: nobody who reads the store
   * can then find out by guessing what was asked.
   */
  secret: string;
  /** Nothing is shared between tenants. Default is `default`. */
  tenant?: string;
  /** To be changed with what answers rest on; older ones are not found then. */
  version?: string;
  /** Where neither the agent nor the caller says it. Default is an hour. */
  ttlSeconds?: number;
  /**
   * Gateway id of the model that makes the embeddings. Without one questions are
   * compared by their words only.
   */
  embeddingModel?: string;
  /** The least cosine similarity of two questions with one answer. */
  thresholds?: { lexical?: number; model?: number };
  /** Whether the data of a call may be sent to the embedding model's provider. */
  mayEmbed?: ModelEmbeddingsOptions['mayEmbed'];
}

/** Makes the cache of a gateway. */
export function createAnswerCache(
  options: CacheOptions,
  gateway: Omit<ModelEmbeddingsOptions, 'model' | 'threshold' | 'mayEmbed'>,
): AnswerCache {
  const { embeddingModel, mayEmbed, thresholds, tenant = 'default' } = options;
  return new AnswerCache({
    ...options,
    tenant,
    clock: gateway.clock,
    logger: gateway.logger,
    embeddings: embeddingModel
      ? new ModelEmbeddings({
          ...gateway,
          model: embeddingModel,
          threshold: thresholds?.model,
          mayEmbed,
        })
      : {
          ...lexicalEmbeddings,
          threshold: thresholds?.lexical ?? lexicalEmbeddings.threshold,
        },
  });
}
