import { Pool } from 'undici';
import type { SignedRequest } from '../credentials/Credential';
import type { CredentialPool } from '../credentials/CredentialPool';
import { GatewayError } from '../errors';
import { JsonMeter } from '../formats/JsonMeter';
import type { PassedAnswer } from '../passthrough/PassedOn';
import type { JsonObject } from '../providers/ModelProvider';
import {
  type AnswerHead,
  MOST_IN_ANSWER,
  ProviderAnswer,
} from './ProviderAnswer';
import { providerFailure } from './providerFailure';

/**
 * How long a provider may take, in milliseconds.
 *
 * @public
 */
export interface UpstreamTimeouts {
  connectMs: number;
  /** From the request to the first byte of the answer. */
  firstByteMs: number;
  /** Between two pieces of the answer. */
  idleMs: number;
}

/** Larger whole answers are refused rather than held in memory. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

/** As many as calls that a process takes at once, so that none waits unseen. */
const MAX_CONNECTIONS = 1_000;
/** Most providers and what stands before them close after a minute or later. */
const KEEP_ALIVE_MS = 55_000;

/** The connections to one provider. */
export class Upstream {
  readonly #pool: Pool;
  readonly #path: string;
  readonly #query: string;
  readonly #headers: Record<string, string>;
  readonly #provider: string;
  readonly #host: string;
  readonly #credentials?: CredentialPool;

  constructor(options: {
    provider: string;
    baseUrl: string;
    headers: Record<string, string>;
    /** In place of a key among the headers. */
    credentials?: CredentialPool;
    timeouts: UpstreamTimeouts;
  }) {
    const url = new URL(options.baseUrl);
    this.#provider = options.provider;
    this.#host = url.host;
    this.#credentials = options.credentials;
    this.#path = url.pathname.replace(/\/+$/, '');
    this.#query = url.search;
    this.#headers = options.headers;
    this.#pool = new Pool(url.origin, {
      connections: MAX_CONNECTIONS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { timeout: options.timeouts.connectMs },
      headersTimeout: options.timeouts.firstByteMs,
      bodyTimeout: options.timeouts.idleMs,
    });
  }

  async getJson(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#send('GET', path, undefined, signal);
    return this.#parse(await this.#readText(answer, MAX_ANSWER_BYTES));
  }

  async postJson(
    path: string,
    body: string,
    signal: AbortSignal,
    headers?: Record<string, string>,
  ): Promise<{ text: string; json: unknown }> {
    const answer = await this.#send('POST', path, body, signal, headers);
    const text = await this.#readText(answer, MAX_ANSWER_BYTES);
    return { text, json: this.#parse(text) };
  }

  /** Resolves with the bytes of the answer once its head has come. */
  postStream(
    path: string,
    body: string,
    signal: AbortSignal,
    headers?: Record<string, string>,
  ): Promise<AsyncIterable<Buffer>> {
    return this.#send('POST', path, body, signal, headers);
  }

  /**
   * Sends a body of any type. An object is read whole; other types, where they are
   * awaited, come as they are. A page for people is never passed on: callers would
   * get it from the portal's own address.
   */
  async passOn(
    path: string,
    request: {
      body: string | Buffer;
      contentType: string;
      answers?: RegExp;
      signal: AbortSignal;
      headers: Record<string, string>;
    },
  ): Promise<PassedAnswer> {
    const { answers, body, contentType, headers, signal } = request;
    const answer = await this.#send('POST', path, body, signal, {
      ...headers,
      'content-type': contentType,
    });
    const head = await answer.head;
    const told = [head.headers['content-type']].flat()[0] ?? '';
    const type = told.split(';', 1)[0].trim().toLowerCase();
    if (answers?.test(type)) {
      return { kind: 'bytes', contentType: type, pieces: answer };
    }
    const text = await this.#readText(answer, MAX_ANSWER_BYTES);
    const json = this.#parse(text);
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw new GatewayError(
        502,
        'provider_bad_answer',
        `The provider ${this.#provider} did not answer with an object.`,
      );
    }
    return { kind: 'json', text, json: json as JsonObject };
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    body: string | Buffer | undefined,
    signal: AbortSignal,
    headers?: Record<string, string>,
  ): Promise<ProviderAnswer> {
    const request = {
      method,
      host: this.#host,
      path: `${this.#path}${path}${this.#query}`,
      headers:
        body === undefined
          ? this.#headers
          : {
              ...this.#headers,
              'content-type': 'application/json',
              ...headers,
            },
      body: body ?? '',
    };
    if (!this.#credentials) {
      return this.#dispatch(request, signal);
    }
    return this.#credentials.use(async credential => {
      const signed = await credential.headersFor(request);
      return this.#dispatch(
        { ...request, headers: { ...request.headers, ...signed } },
        signal,
      );
    });
  }

  async #dispatch(
    { body, headers, method, path }: SignedRequest,
    signal: AbortSignal,
  ): Promise<ProviderAnswer> {
    const answer = new ProviderAnswer(signal, error =>
      connectionFailure(this.#provider, error, 'provider_stream_cut'),
    );
    let head: AnswerHead;
    try {
      this.#pool.dispatch(
        { method, path, headers, body: body || undefined },
        answer,
      );
      head = await answer.head;
    } catch (error) {
      throw connectionFailure(this.#provider, error, 'provider_unreachable');
    }
    if (head.status >= 300) {
      const text = await this.#readText(answer, MAX_ERROR_BYTES).catch(
        () => '',
      );
      throw providerFailure(
        this.#provider,
        head.status,
        text,
        head.headers['retry-after'],
        body,
      );
    }
    return answer;
  }

  #readText(answer: ProviderAnswer, maxBytes: number): Promise<string> {
    const meter = new JsonMeter(MOST_IN_ANSWER);
    const badAnswer = (why: string) =>
      new GatewayError(
        502,
        'provider_bad_answer',
        `The provider ${this.#provider} sent an answer ${why}.`,
      );
    return answer.text((piece, size) => {
      if (size > maxBytes) {
        return badAnswer(`of more than ${maxBytes} bytes`);
      }
      return meter.read(piece)
        ? badAnswer('that is nested too deep, or has too many parts')
        : undefined;
    });
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new GatewayError(
        502,
        'provider_bad_answer',
        `The provider ${
          this.#provider
        } did not answer with JSON; check its base URL.`,
        { cause: error },
      );
    }
  }
}

/** Nothing was sent before a connection is there, so its time is not among them. */
const TIMEOUTS = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

function connectionFailure(
  provider: string,
  error: unknown,
  otherwise: 'provider_unreachable' | 'provider_stream_cut',
): GatewayError {
  if (error instanceof GatewayError) {
    return error;
  }
  const { code, name } = error as { code?: string; name?: string };
  if (name === 'AbortError') {
    return new GatewayError(499, 'client_gone', 'The call was broken off.', {
      cause: error,
    });
  }
  if ((code && TIMEOUTS.has(code)) || name === 'TimeoutError') {
    return new GatewayError(
      504,
      'provider_timeout',
      `The provider ${provider} did not answer in time; try again.`,
      { cause: error },
    );
  }
  return otherwise === 'provider_unreachable'
    ? new GatewayError(
        502,
        otherwise,
        `The provider ${provider} cannot be reached${
          code ? ` (${code})` : ''
        }; check that it runs and that its base URL is right.`,
        { cause: error },
      )
    : new GatewayError(
        502,
        otherwise,
        `The provider ${provider} broke off in the middle of its answer; try again.`,
        { cause: error },
      );
}
