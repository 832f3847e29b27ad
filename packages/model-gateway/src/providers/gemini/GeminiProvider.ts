import { z } from 'zod/v4';
import { keyHeaders } from '../../credentials/Credential';
import type { CredentialPool } from '../../credentials/CredentialPool';
import { GatewayError } from '../../errors';
import { readServerSentEvents } from '../../http/serverSentEvents';
import { Upstream, type UpstreamTimeouts } from '../../http/Upstream';
import type { Clock } from '../../ports';
import type {
  AnswerChunk,
  ListedModel,
  ModelProvider,
  ProviderRequest,
  WholeAnswer,
} from '../ModelProvider';
import { withoutSecrets } from '../OpenAiProvider';
import { toChunks, toCompletion } from './answer';
import { toGeminiRequest } from './request';

const modelListSchema = z.object({
  models: z
    .array(
      z.object({
        name: z.string().min(1).max(200),
        displayName: z.string().optional(),
        description: z.string().optional(),
        inputTokenLimit: z.number().int().positive().optional(),
        outputTokenLimit: z.number().int().positive().optional(),
        supportedGenerationMethods: z.array(z.string()).default([]),
      }),
    )
    .max(5_000),
});

/**
 * Google's own Gemini API, spoken to callers as OpenAI's. It serves chat; for
 * embeddings there is Gemini's OpenAI-compatible endpoint.
 *
 * @public
 */
export class GeminiProvider implements ModelProvider {
  readonly type = 'gemini';
  readonly publisher = 'google';
  readonly id: string;
  readonly baseUrl: string;
  readonly #upstream: Upstream;
  readonly #clock: Clock;

  constructor(options: {
    id: string;
    /** With the version: `https://generativelanguage.googleapis.com/v1beta`. */
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
        ...keyHeaders('gemini', options.apiKey),
        ...options.headers,
      },
      credentials: options.credentials,
      timeouts: options.timeouts,
    });
  }

  async complete(request: ProviderRequest): Promise<WholeAnswer> {
    const { json } = await this.#upstream.postJson(
      `/models/${encodeURIComponent(request.modelId)}:generateContent`,
      JSON.stringify(toGeminiRequest(request)),
      request.signal,
    );
    return toCompletion(this.#head(request), json);
  }

  async stream(request: ProviderRequest): Promise<AsyncIterable<AnswerChunk>> {
    const bytes = await this.#upstream.postStream(
      `/models/${encodeURIComponent(
        request.modelId,
      )}:streamGenerateContent?alt=sse`,
      JSON.stringify(toGeminiRequest(request)),
      request.signal,
    );
    return toChunks(this.#head(request), readServerSentEvents(bytes));
  }

  async listModels(signal: AbortSignal): Promise<ListedModel[]> {
    const answer = modelListSchema.safeParse(
      await this.#upstream.getJson('/models?pageSize=1000', signal),
    );
    if (!answer.success) {
      throw new GatewayError(
        502,
        'provider_bad_answer',
        `${this.id} did not answer with a list of models; check that its base URL ends with the API version.`,
      );
    }
    return answer.data.models
      .filter(model =>
        model.supportedGenerationMethods.includes('generateContent'),
      )
      .map(model => ({
        modelId: model.name.replace(/^models\//, ''),
        title: model.displayName,
        description: model.description,
        type: 'chat',
        contextWindow: model.inputTokenLimit,
        maxOutputTokens: model.outputTokenLimit,
        capabilities: [
          'tools',
          'streaming',
          'vision',
          'audio',
          'files',
          'structured-output',
        ],
      }));
  }

  async close(): Promise<void> {
    await this.#upstream.close();
  }

  #head({ modelId }: ProviderRequest) {
    return { provider: this.id, modelId, createdAt: this.#clock.now() };
  }
}
