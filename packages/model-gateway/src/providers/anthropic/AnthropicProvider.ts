import { z } from 'zod/v4';
import { keyHeaders } from '../../credentials/Credential';
import type { CredentialPool } from '../../credentials/CredentialPool';
import { GatewayError } from '../../errors';
import { rewriteTopLevel } from '../../http/rewriteTopLevel';
import { readServerSentEvents } from '../../http/serverSentEvents';
import { Upstream, type UpstreamTimeouts } from '../../http/Upstream';
import type { Clock } from '../../ports';
import { tokenCount } from '../../usage/tokenUsage';
import type {
  AnswerChunk,
  ListedModel,
  ModelProvider,
  NativeRequest,
  ProviderRequest,
  WholeAnswer,
} from '../ModelProvider';
import { withoutSecrets } from '../OpenAiProvider';
import { toChunks } from './chunks';
import { toCompletion } from './completion';
import { toAnthropicRequest } from './messages';
import { readNativeEvents, readNativeMessage } from './native';

const API_VERSION = '2023-06-01';

const modelListSchema = z.object({
  data: z
    .array(
      z.object({
        id: z.string().min(1).max(200),
        display_name: z.string().optional(),
        max_input_tokens: z.number().int().positive().nullish(),
        max_tokens: z.number().int().positive().nullish(),
      }),
    )
    .max(5_000),
});

/**
 * Anthropic's own API. Requests in Anthropic's format pass through with only the
 * model's name changed; those in OpenAI's are translated.
 *
 * @public
 */
export class AnthropicProvider implements ModelProvider {
  readonly type = 'anthropic';
  readonly publisher = 'anthropic';
  readonly native = 'anthropic-messages';
  readonly id: string;
  readonly baseUrl: string;
  readonly #upstream: Upstream;
  readonly #clock: Clock;

  constructor(options: {
    id: string;
    /** Without the version: `https://api.anthropic.com`. */
    baseUrl: string;
    apiKey?: string;
    /** In place of the key. */
    credentials?: CredentialPool;
    headers?: Record<string, string>;
    timeouts: UpstreamTimeouts;
    clock: Clock;
  }) {
    this.id = options.id;
    this.baseUrl = withoutSecrets(options.baseUrl);
    this.#clock = options.clock;
    this.#upstream = new Upstream({
      provider: options.id,
      baseUrl: options.baseUrl,
      headers: {
        'anthropic-version': API_VERSION,
        ...keyHeaders('anthropic', options.apiKey),
        ...options.headers,
      },
      credentials: options.credentials,
      timeouts: options.timeouts,
    });
  }

  async complete(request: ProviderRequest): Promise<WholeAnswer> {
    const { native } = request;
    if (native?.format === this.native) {
      const { text, json } = await this.#upstream.postJson(
        '/v1/messages',
        unchanged(native, request),
        request.signal,
        native.headers,
      );
      return readNativeMessage(text, json);
    }
    const { json } = await this.#upstream.postJson(
      '/v1/messages',
      this.#translate(request),
      request.signal,
    );
    return toCompletion(json, this.#clock.now());
  }

  async stream(request: ProviderRequest): Promise<AsyncIterable<AnswerChunk>> {
    const { native } = request;
    if (native?.format === this.native) {
      const events = await this.#upstream.postStream(
        '/v1/messages',
        unchanged(native, request),
        request.signal,
        native.headers,
      );
      return readNativeEvents(this.id, readServerSentEvents(events));
    }
    const bytes = await this.#upstream.postStream(
      '/v1/messages',
      this.#translate(request),
      request.signal,
    );
    return toChunks(this.id, readServerSentEvents(bytes), this.#clock.now());
  }

  async countTokens(request: ProviderRequest): Promise<number | undefined> {
    const { native } = request;
    if (native?.format !== this.native) {
      return undefined;
    }
    const { json } = await this.#upstream.postJson(
      '/v1/messages/count_tokens',
      unchanged(native, request),
      request.signal,
      native.headers,
    );
    return tokenCount((json as { input_tokens?: unknown })?.input_tokens);
  }

  async listModels(signal: AbortSignal): Promise<ListedModel[]> {
    const answer = modelListSchema.safeParse(
      await this.#upstream.getJson('/v1/models?limit=1000', signal),
    );
    if (!answer.success) {
      throw new GatewayError(
        502,
        'provider_bad_answer',
        `${this.id} did not answer with a list of models; check its base URL.`,
      );
    }
    return answer.data.data.map(model => ({
      modelId: model.id,
      title: model.display_name,
      type: 'chat',
      contextWindow: model.max_input_tokens ?? undefined,
      maxOutputTokens: model.max_tokens ?? undefined,
      capabilities: [
        'tools',
        'streaming',
        'vision',
        'files',
        'structured-output',
      ],
    }));
  }

  async close(): Promise<void> {
    await this.#upstream.close();
  }

  #translate(request: ProviderRequest): string {
    return JSON.stringify(
      toAnthropicRequest(
        request.body,
        request.modelId,
        request.outputCap ?? request.maxOutputTokens,
      ),
    );
  }
}

/** As the caller wrote it, but for the model's name and a limit that budgets need. */
function unchanged(native: NativeRequest, request: ProviderRequest): string {
  return rewriteTopLevel(native.text, {
    model: JSON.stringify(request.modelId),
    ...(request.outputCap !== undefined && {
      max_tokens: String(request.outputCap),
    }),
  });
}
