import type { ModelType } from '../directory/modelType';
import type { PassedAnswer, PassedOn } from '../passthrough/PassedOn';
import type { ServedAs } from '../usage/served';
import type { TokenUsage } from '../usage/tokenUsage';

/**
 * The wire format that a provider speaks.
 *
 * @public
 */
export type ProviderType = 'openai' | 'anthropic' | 'gemini' | 'builtin';

/**
 * A JSON object from outside.
 *
 * @public
 */
export type JsonObject = { [key: string]: unknown };

/**
 * A format besides OpenAI's chat that some providers speak themselves.
 *
 * @public
 */
export type NativeFormat = 'anthropic-messages' | 'openai-responses';

/**
 * A request in the format that its caller sent it in, for the providers that can
 * take it unchanged.
 *
 * @public
 */
export interface NativeRequest {
  format: NativeFormat;
  /** As the caller sent it, parsed once for all who read it. */
  body: JsonObject;
  /** As the caller sent it. */
  text: string;
  /** The caller's headers that belong to the format. */
  headers: Record<string, string>;
  /** What no other format can say, as a sentence; then only such providers can serve. */
  untranslatable?: string;
}

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
  native?: NativeRequest;
  /** Largest answer of the model in tokens, where it is known. */
  maxOutputTokens?: number;
  /**
   * Set when the caller named no limit and a budget needs one: the provider must
   * be told to answer with no more tokens.
   */
  outputCap?: number;
  /** Sent along where providers keep such an id, so that both logs can be compared. */
  attemptId?: string;
  signal: AbortSignal;
}

/**
 * A whole answer in OpenAI's form, or in the format of the native request.
 *
 * @public
 */
export interface WholeAnswer extends ServedAs {
  /** Absent for OpenAI's chat form. */
  format?: NativeFormat;
  body: string;
  usage?: TokenUsage;
  /** Bytes of text in the answer, to estimate by when there is no usage. */
  textBytes: number;
}

/**
 * A chunk of a streamed answer in OpenAI's form, or in that of the native request.
 *
 * @public
 */
export interface AnswerChunk extends ServedAs {
  /** Absent for OpenAI's chat form. */
  format?: NativeFormat;
  /** The event's name, where the format has names. */
  event?: string;
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
  type: ModelType;
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
  /** The format besides OpenAI's chat in which requests pass through unchanged. */
  readonly native?: NativeFormat;
  complete(request: ProviderRequest): Promise<WholeAnswer>;
  /**
   * Resolves when the provider has begun to answer. The iterable throws
   * `provider_stream_cut` when the stream ends too early.
   */
  stream(request: ProviderRequest): Promise<AsyncIterable<AnswerChunk>>;
  embed?(request: ProviderRequest): Promise<WholeAnswer>;
  /** Sends a request as it is, and resolves when its answer has come or begun. */
  passOn?(
    request: Pick<ProviderRequest, 'attemptId' | 'modelId' | 'signal'>,
    passed: PassedOn,
  ): Promise<PassedAnswer>;
  /**
   * Input tokens of a request, counted without calling the model. `undefined`
   * when the provider cannot count this one.
   */
  countTokens?(request: ProviderRequest): Promise<number | undefined>;
  listModels(signal: AbortSignal): Promise<ListedModel[]>;
  close(): Promise<void>;
}
