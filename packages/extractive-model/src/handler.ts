import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import {
  embed,
  HASHED_EMBEDDINGS_ID,
  type EmbeddingsRequest,
} from './embeddings';
import {
  createExtractiveModel,
  EXTRACTIVE_MODEL_ID,
  type ExtractiveModel,
} from './model';
import { InvalidRequestError } from './wire/request';

const MOST_BYTES = 8 * 1024 * 1024;

class HttpFailure extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MOST_BYTES)
      throw new HttpFailure(
        413,
        `The request is larger than ${MOST_BYTES} bytes; send fewer messages or shorter tool results.`,
      );
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new HttpFailure(400, 'The request body is not JSON.');
  }
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function expectModel(body: unknown, id: string): void {
  const asked = (body as { model?: unknown } | null)?.model;
  const bare = id.slice(id.indexOf('/') + 1);
  if (typeof asked === 'string' && asked !== id && asked !== bare) {
    throw new HttpFailure(
      404,
      `There is no model "${asked}" here for this endpoint; use "${id}".`,
    );
  }
}

async function serveChat(
  model: ExtractiveModel,
  body: any,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  response.on('close', () => abort.abort());
  if (!body?.stream) {
    sendJson(
      response,
      200,
      await model.complete(body, { signal: abort.signal }),
    );
    return;
  }
  try {
    for await (const chunk of model.stream(body, { signal: abort.signal })) {
      // headers wait for the first chunk, so that a bad request can still be answered with its status
      if (!response.headersSent) {
        response.writeHead(200, {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-cache',
        });
      }
      if (!response.write(`data: ${JSON.stringify(chunk)}\n\n`))
        await once(response, 'drain', { signal: abort.signal });
    }
    response.end('data: [DONE]\n\n');
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  }
}

/**
 * A handler for `node:http` that speaks OpenAI's wire format: `POST /v1/chat/completions`, `POST /v1/embeddings` and
 * `GET /v1/models`. It authenticates nobody, so let it listen where only the portal can reach it.
 *
 * @public
 */
export function createExtractiveHandler(): (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> {
  const model = createExtractiveModel();
  const models = [EXTRACTIVE_MODEL_ID, HASHED_EMBEDDINGS_ID].map(id => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'builtin',
  }));

  return async (request, response) => {
    try {
      const path = (request.url ?? '/').split('?')[0].replace(/\/+$/, '');
      const route = `${request.method} ${path}`;
      if (route === 'GET /v1/models') {
        sendJson(response, 200, { object: 'list', data: models });
      } else if (route === 'POST /v1/chat/completions') {
        const body = await readBody(request);
        expectModel(body, EXTRACTIVE_MODEL_ID);
        await serveChat(model, body, response);
      } else if (route === 'POST /v1/embeddings') {
        const body = await readBody(request);
        expectModel(body, HASHED_EMBEDDINGS_ID);
        sendJson(response, 200, embed(body as EmbeddingsRequest));
      } else {
        throw new HttpFailure(
          404,
          `There is nothing at ${route}; use /v1/models, /v1/chat/completions or /v1/embeddings.`,
        );
      }
    } catch (error) {
      let status = 500;
      if (error instanceof HttpFailure) status = error.status;
      if (error instanceof InvalidRequestError) status = error.statusCode;
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      // what went wrong inside is nobody's business outside
      const message =
        status === 500
          ? 'The model failed on this request.'
          : (error as Error).message;
      sendJson(response, status, {
        error: {
          message,
          type: status === 500 ? 'server_error' : 'invalid_request_error',
          param: null,
          code: null,
        },
      });
    }
  };
}
