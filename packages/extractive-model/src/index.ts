/**
 * builtin/extractive: a model without a neural network, behind the OpenAI wire format.
 *
 * @packageDocumentation
 */

export {
  createExtractiveModel,
  type CallOptions,
  type ExtractiveModel,
  type ExtractiveModelOptions,
} from './model';
export { createExtractiveHandler } from './handler';
export {
  embed,
  type EmbeddingsRequest,
  type EmbeddingsResponse,
} from './embeddings';
export { InvalidRequestError, type ChatRequest } from './wire/request';
export type {
  ChatCompletion,
  CompletionUsage,
  FinishReason,
  ToolCall,
} from './wire/completion';
export type { ChatCompletionChunk } from './wire/chunks';
export {
  createWorkerModels,
  type WorkerAnswer,
  type WorkerModels,
  type WorkerTask,
} from './workerModels';
