import { z } from 'zod/v4';
import { modelTypeOf } from '../directory/modelType';
import { keyHeaders } from '../credentials/Credential';
import type { CredentialPool } from '../credentials/CredentialPool';
import { GatewayError } from '../errors';
import type { PassedAnswer, PassedOn } from '../passthrough/PassedOn';
import { rewriteTopLevel } from '../http/rewriteTopLevel';
import { readServerSentEvents } from '../http/serverSentEvents';
import { Upstream, type UpstreamTimeouts } from '../http/Upstream';
import { readOpenAiUsage } from '../usage/openAiUsage';
import { readServed } from '../usage/served';
import type {
  AnswerChunk,
  JsonObject,
  ListedModel,
  ModelProvider,
  NativeFormat,
  ProviderRequest,
  WholeAnswer,
} from './ModelProvider';
import { readOpenAiChunks, textBytesOf } from './openAiChunks';
import {
  readNativeResponse,
  readNativeResponseEvents,
  toResponsesBody,
} from './openAiResponses';

const modelSchema = z.object({
  id: z
    .string()
    .max(200)
    .regex(/^\P{C}+$/u),
  name: z.string().optional(),
  type: z.string().optional(),
  description: z.string().optional(),
  context_window: z.number().int().positive().optional(),
  context_length: z.number().int().positive().optional(),
});

/** A model that is described in no way known here costs only itself. */
const modelListSchema = z.object({
  data: z.array(z.unknown()).max(5_000),
});

/**
 * Any provider that speaks OpenAI's wire format: OpenAI, Azure OpenAI, DeepSeek,
 * Qwen, Gemini's compatible endpoint, Ollama, vLLM. Requests pass through with
 * only the model's name and the wish for usage changed.
 *
 * @public
 */
export class OpenAiProvider implements ModelProvider {
  readonly type = 'openai';
  readonly id: string;
  readonly baseUrl: string;
  readonly publisher?: string;
  readonly native?: NativeFormat;
  readonly #upstream: Upstream;

  constructor(options: {
    id: string;
    /** With the version: `https://api.openai.com/v1`. */
    baseUrl: string;
    apiKey?: string;
    /** In place of the key. */
    credentials?: CredentialPool;
    /** `bearer` unless the provider wants an `api-key` header, as Azure does. */
    keyHeader?: 'bearer' | 'api-key';
    headers?: Record<string, string>;
    publisher?: string;
    /** Whether it has `/responses` too; else such requests are translated. */
    responses?: boolean;
    timeouts: UpstreamTimeouts;
  }) {
    this.id = options.id;
    this.baseUrl = withoutSecrets(options.baseUrl);
    this.publisher = options.publisher;
    this.native = options.responses ? 'openai-responses' : undefined;
    this.#upstream = new Upstream({
      provider: options.id,
      baseUrl: options.baseUrl,
      headers: {
        ...keyHeaders('openai', options.apiKey, options.keyHeader),
        ...options.headers,
      },
      credentials: options.credentials,
      timeouts: options.timeouts,
    });
  }

  complete(request: ProviderRequest): Promise<WholeAnswer> {
    return this.native && request.native?.format === this.native
      ? this.#nativeResponse(request)
      : this.#whole('/chat/completions', request, this.#cap(request));
  }

  embed(request: ProviderRequest): Promise<WholeAnswer> {
    return this.#whole('/embeddings', request);
  }

  passOn(
    request: Pick<ProviderRequest, 'attemptId' | 'modelId' | 'signal'>,
    passed: PassedOn,
  ): Promise<PassedAnswer> {
    return this.#upstream.passOn(passed.path, {
      body: passed.bodyFor(request.modelId),
      contentType: passed.contentType,
      answers: passed.answers,
      signal: request.signal,
      headers: traceHeaders(request),
    });
  }

  async stream(request: ProviderRequest): Promise<AsyncIterable<AnswerChunk>> {
    if (this.native && request.native?.format === this.native) {
      const events = await this.#upstream.postStream(
        '/responses',
        toResponsesBody(request),
        request.signal,
        traceHeaders(request),
      );
      return readNativeResponseEvents(this.id, readServerSentEvents(events));
    }
    const asked = request.body.stream_options;
    const streamOptions = {
      ...(typeof asked === 'object' ? asked : {}),
      // Asked for whether the caller did or not: it is how calls are paid for.
      include_usage: true,
    };
    const bytes = await this.#upstream.postStream(
      '/chat/completions',
      rewriteTopLevel(this.#textOf(request), {
        model: JSON.stringify(request.modelId),
        stream_options: JSON.stringify(streamOptions),
        ...this.#cap(request),
      }),
      request.signal,
      traceHeaders(request),
    );
    return readOpenAiChunks(this.id, readServerSentEvents(bytes));
  }

  async listModels(signal: AbortSignal): Promise<ListedModel[]> {
    const answer = modelListSchema.safeParse(
      await this.#upstream.getJson('/models', signal),
    );
    if (!answer.success) {
      throw new GatewayError(
        502,
        'provider_bad_answer',
        `${this.id} did not answer with a list of models; check that its base URL ends with the API version.`,
      );
    }
    const models = answer.data.data.flatMap(
      model => modelSchema.safeParse(model).data ?? [],
    );
    return models.map(model => ({
      // Gemini's compatible endpoint puts a folder in front of its ids.
      modelId: model.id.replace(/^models\//, ''),
      title: model.name,
      description: model.description,
      type: modelTypeOf(model.id, model.type),
      contextWindow: model.context_window ?? model.context_length,
    }));
  }

  async close(): Promise<void> {
    await this.#upstream.close();
  }

  /**
   * OpenAI's newer models take only `max_completion_tokens`, most others know
   * only `max_tokens`. A null of the caller's in the other one stays.
   */
  #cap(request: ProviderRequest): Record<string, string> {
    if (request.outputCap === undefined) {
      return {};
    }
    return {
      [this.#isNewer ? 'max_completion_tokens' : 'max_tokens']: String(
        request.outputCap,
      ),
    };
  }

  get #isNewer(): boolean {
    return ['openai', 'azure'].includes(this.publisher ?? '');
  }

  /** A translated request is of our own writing and takes the name that is known. */
  #textOf(request: ProviderRequest): string {
    if (!request.native || this.#isNewer) {
      return request.text;
    }
    const { max_completion_tokens: limit, ...rest } = request.body;
    return limit === undefined
      ? request.text
      : JSON.stringify({ ...rest, max_tokens: limit });
  }

  async #nativeResponse(request: ProviderRequest): Promise<WholeAnswer> {
    const { text, json } = await this.#upstream.postJson(
      '/responses',
      toResponsesBody(request),
      request.signal,
      traceHeaders(request),
    );
    return readNativeResponse(this.id, text, json);
  }

  async #whole(
    path: string,
    request: ProviderRequest,
    members: Record<string, string> = {},
  ): Promise<WholeAnswer> {
    const { text, json } = await this.#upstream.postJson(
      path,
      rewriteTopLevel(this.#textOf(request), {
        model: JSON.stringify(request.modelId),
        ...members,
      }),
      request.signal,
      traceHeaders(request),
    );
    if (typeof json !== 'object' || json === null) {
      throw new GatewayError(
        502,
        'provider_bad_answer',
        `The provider ${this.id} did not answer with an object.`,
      );
    }
    const body = json as JsonObject;
    return {
      body: text,
      usage: readOpenAiUsage(body.usage),
      ...readServed(body),
      textBytes: textBytesOf(body, 'message'),
    };
  }
}

/** Source: OpenAI API reference, "Supplying your own request ID". */
function traceHeaders(
  request: Pick<ProviderRequest, 'attemptId'>,
): Record<string, string> {
  return request.attemptId ? { 'x-client-request-id': request.attemptId } : {};
}

/** A base URL as it may be shown: without user, password and query. */
export function withoutSecrets(baseUrl: string): string {
  const url = new URL(baseUrl);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
