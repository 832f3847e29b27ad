import type { TokenUsage } from '../usage/tokenUsage';

/**
 * The wire format that a provider speaks.
 *
 * @public
 */
export type ProviderType = 'openai' | 'anthropic' | 'builtin';

/**
 * A JSON object from outside.
 *
 * @public
 */
export type JsonObject = { [key: string]: unknown };

/**
 * One request to a provider.
 *
 * @public
 */
export interface ProviderRequest {
  /** The model's id at the provider. */
  modelId: string;
  /** The caller's request in OpenAI's form, parsed. */
  body: JsonObject;
  /** The same as the caller sent it, so that it can be passed on unchanged. */
  text: string;
  /** Largest answer of the model in tokens, where it is known. */
  maxOutputTokens?: number;
  signal: AbortSignal;
}

/**
 * A whole answer in OpenAI's form.
 *
 * @public
 */
export interface WholeAnswer {
  body: string;
  usage?: TokenUsage;
  /** Bytes of text in the answer, to estimate by when there is no usage. */
  textBytes: number;
}

/**
 * A chunk of a streamed answer in OpenAI's form.
 *
 * @public
 */
export interface AnswerChunk {
  /** The JSON of the chunk as it goes to the caller. */
  data: string;
  json: JsonObject;
  usage?: TokenUsage;
  /** The chunk carries nothing but usage. */
  usageOnly: boolean;
  textBytes: number;
}

/**
 * A model that a provider says it has.
 *
 * @public
 */
export interface ListedModel {
  modelId: string;
  title?: string;
  description?: string;
  type: 'chat' | 'embedding';
  contextWindow?: number;
  maxOutputTokens?: number;
  capabilities?: string[];
}

/**
 * Something that serves models. All methods throw {@link GatewayError}s whose
 * code says what happened.
 *
 * @public
 */
export interface ModelProvider {
  readonly id: string;
  readonly type: ProviderType;
  /** Without credentials. */
  readonly baseUrl: string;
  /** The provider's name in the price list. */
  readonly publisher?: string;
  complete(request: ProviderRequest): Promise<WholeAnswer>;
  /**
   * Resolves when the provider has begun to answer. The iterable throws
   * `provider_stream_cut` when the stream ends too early.
   */
  stream(request: ProviderRequest): Promise<AsyncIterable<AnswerChunk>>;
  embed?(request: ProviderRequest): Promise<WholeAnswer>;
  listModels(signal: AbortSignal): Promise<ListedModel[]>;
  close(): Promise<void>;
}
