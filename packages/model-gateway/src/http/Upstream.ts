import { Pool } from 'undici';
import { GatewayError } from '../errors';
import { type AnswerHead, ProviderAnswer } from './ProviderAnswer';
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

  constructor(options: {
    provider: string;
    baseUrl: string;
    headers: Record<string, string>;
    timeouts: UpstreamTimeouts;
  }) {
    const url = new URL(options.baseUrl);
    this.#provider = options.provider;
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
    const response = await this.#send('GET', path, undefined, signal);
    return this.#parse(await this.#readText(response, MAX_ANSWER_BYTES));
  }

  async postJson(
    path: string,
    body: string,
    signal: AbortSignal,
    headers?: Record<string, string>,
  ): Promise<{ text: string; json: unknown }> {
    const response = await this.#send('POST', path, body, signal, headers);
    const text = await this.#readText(response, MAX_ANSWER_BYTES);
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

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal: AbortSignal,
    headers?: Record<string, string>,
  ): Promise<ProviderAnswer> {
    const answer = new ProviderAnswer(signal, error =>
      connectionFailure(this.#provider, error, 'provider_stream_cut'),
    );
    let head: AnswerHead;
    try {
      this.#pool.dispatch(
        {
          method,
          path: `${this.#path}${path}${this.#query}`,
          headers:
            body === undefined
              ? this.#headers
              : {
                  ...this.#headers,
                  ...headers,
                  'content-type': 'application/json',
                },
          body,
        },
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
      );
    }
    return answer;
  }

  #readText(answer: ProviderAnswer, maxBytes: number): Promise<string> {
    return answer.text(
      maxBytes,
      () =>
        new GatewayError(
          502,
          'provider_bad_answer',
          `The provider ${
            this.#provider
          } sent an answer of more than ${maxBytes} bytes.`,
        ),
    );
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
