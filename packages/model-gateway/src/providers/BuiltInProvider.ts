import { readOpenAiUsage } from '../usage/openAiUsage';
import { GatewayError, ownFault } from '../errors';
import type {
  AnswerChunk,
  JsonObject,
  ListedModel,
  ModelProvider,
  ProviderRequest,
  WholeAnswer,
} from './ModelProvider';
import { textBytesOf } from './openAiChunks';

/**
 * A model that needs no network and speaks OpenAI's chat format.
 *
 * @public
 */
export interface BuiltInModel {
  complete(
    request: JsonObject,
    options: { signal: AbortSignal },
  ): Promise<unknown>;
  stream(
    request: JsonObject,
    options: { signal: AbortSignal },
  ): AsyncIterable<unknown>;
}

/**
 * Embeddings that need no network, in OpenAI's format.
 *
 * @public
 */
export interface BuiltInEmbeddings {
  embed(
    request: JsonObject,
    options: { signal: AbortSignal },
  ): Promise<unknown>;
}

/**
 * Serves models that need no network, so that a portal without any key works.
 *
 * @public
 */
export class BuiltInProvider implements ModelProvider {
  readonly id = 'builtin';
  readonly type = 'builtin';
  readonly baseUrl = 'in-process';
  readonly #models: ReadonlyMap<
    string,
    { model: BuiltInModel | BuiltInEmbeddings; listed: ListedModel }
  >;

  readonly #close: () => Promise<void>;

  /** @param close - lets go of what the models run on */
  constructor(
    models: Array<{
      model: BuiltInModel | BuiltInEmbeddings;
      listed: ListedModel;
    }>,
    close: () => Promise<void> = async () => {},
  ) {
    this.#models = new Map(models.map(m => [m.listed.modelId, m]));
    this.#close = close;
  }

  async complete(request: ProviderRequest): Promise<WholeAnswer> {
    const json = await answered(() =>
      this.#chatModel(request.modelId).complete(
        { ...request.body, model: request.modelId },
        { signal: request.signal },
      ),
    );
    const body = json as JsonObject;
    return {
      body: JSON.stringify(body),
      usage: readOpenAiUsage(body.usage),
      textBytes: textBytesOf(body, 'message'),
    };
  }

  async stream(request: ProviderRequest): Promise<AsyncIterable<AnswerChunk>> {
    const model = this.#chatModel(request.modelId);
    return toChunks(
      model.stream(
        {
          ...request.body,
          model: request.modelId,
          stream_options: { include_usage: true },
        },
        { signal: request.signal },
      ),
    );
  }

  async embed(request: ProviderRequest): Promise<WholeAnswer> {
    const model = this.#model(request.modelId);
    if (!('embed' in model)) {
      throw notMadeFor(request.modelId, 'embeddings');
    }
    const json = await answered(() =>
      model.embed(
        { ...request.body, model: request.modelId },
        { signal: request.signal },
      ),
    );
    return {
      body: JSON.stringify(json),
      usage: readOpenAiUsage((json as JsonObject).usage),
      textBytes: 0,
    };
  }

  async listModels(): Promise<ListedModel[]> {
    return [...this.#models.values()].map(({ listed }) => listed);
  }

  close(): Promise<void> {
    return this.#close();
  }

  #chatModel(modelId: string): BuiltInModel {
    const model = this.#model(modelId);
    if (!('complete' in model)) {
      throw notMadeFor(modelId, 'chat');
    }
    return model;
  }

  #model(modelId: string): BuiltInModel | BuiltInEmbeddings {
    const found = this.#models.get(modelId);
    if (!found) {
      throw new GatewayError(
        404,
        'model_not_found',
        `There is no built-in model ${modelId}.`,
      );
    }
    return found.model;
  }
}

function notMadeFor(modelId: string, operation: string): GatewayError {
  return new GatewayError(
    400,
    'operation_not_supported',
    `The built-in model ${modelId} is not made for ${operation}.`,
  );
}

async function* toChunks(
  chunks: AsyncIterable<unknown>,
): AsyncGenerator<AnswerChunk> {
  try {
    for await (const chunk of chunks) {
      const json = chunk as JsonObject;
      const usage = readOpenAiUsage(json.usage);
      yield {
        data: JSON.stringify(json),
        json,
        usage,
        usageOnly:
          usage !== undefined &&
          (!Array.isArray(json.choices) || json.choices.length === 0),
        textBytes: textBytesOf(json, 'delta'),
      };
    }
  } catch (error) {
    throw asGatewayError(error);
  }
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asGatewayError(error);
  }
}

/** A built-in model says what is wrong with a request by a 4xx on its error. */
function asGatewayError(error: unknown): GatewayError {
  const { statusCode, message } = error as {
    statusCode?: unknown;
    message?: string;
  };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new GatewayError(
      statusCode,
      'provider_refused_request',
      message ?? 'The built-in model refused the request.',
      { cause: error },
    );
  }
  return ownFault(error);
}
