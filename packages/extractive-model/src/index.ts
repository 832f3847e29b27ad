/**
 * builtin/extractive: a model without a neural network, behind the OpenAI wire format.
 *
 * @packageDocumentation
 */

export {
  createExtractiveModel,
  EXTRACTIVE_MODEL_ID,
  type CallOptions,
  type ExtractiveModel,
  type ExtractiveModelOptions,
} from './model';
export {
  createExtractiveHandler,
  type ExtractiveHandlerOptions,
} from './handler';
export {
  createHashedEmbeddings,
  HASHED_EMBEDDING_DIMENSIONS,
  HASHED_EMBEDDINGS_ID,
  type EmbeddingsRequest,
  type EmbeddingsResponse,
  type HashedEmbeddings,
} from './embeddings';
export { InvalidRequestError, type ChatRequest } from './wire/request';
export type {
  ChatCompletion,
  CompletionUsage,
  FinishReason,
  ToolCall,
} from './wire/completion';
export type { ChatCompletionChunk } from './wire/chunks';
export { countTokens } from './wire/tokens';
export {
  createWorkerModels,
  type WorkerAnswer,
  type WorkerModels,
  type WorkerTask,
} from './workerModels';
