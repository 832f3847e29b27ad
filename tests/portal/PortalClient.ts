import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What somebody asks of a portal, byte for byte. */
export interface RawRequest {
  method: string;
  /** With the query, encoded as it is to be sent. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** What came back; of a stream only its first part. */
export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  ms: number;
}

/** Talks to one portal over HTTP, without the corrections that `fetch` makes. */
export class PortalClient {
  readonly url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(url: string) {
    this.url = new URL(url);
  }

  /** The token of one of the people of the example company. */
  async signIn(userEntityRef: string): Promise<string> {
    const { status, text } = await this.send({
      method: 'POST',
      path: '/api/auth/test/refresh',
      headers: { 'x-test-user': userEntityRef },
    });
    if (status !== 200) {
      throw new Error(`${userEntityRef} cannot sign in: ${status} ${text}`);
    }
    return JSON.parse(text).backstageIdentity.token;
  }

  /** Resolves when the example company's people and tools have been read. */
  async untilFurnished(timeoutMs = 120_000): Promise<void> {
    for (const deadline = Date.now() + timeoutMs; ; await sleep(1_000)) {
      try {
        const token = await this.signIn('user:default/priya.raman');
        const { items } = await this.ask(token, 'GET', '/api/tools/servers');
        if (items.filter((one: any) => one.status === 'up').length >= 4) {
          return;
        }
      } catch (error) {
        if (Date.now() > deadline) {
          throw error;
        }
      }
      if (Date.now() > deadline) {
        throw new Error('The tool servers of the example company are not up.');
      }
    }
  }

  /** Asks as somebody with a token, in JSON; throws when the answer is not 2xx. */
  async ask<T = any>(
    token: string,
    method: string,
    path: string,
    body?: object,
  ): Promise<T> {
    const answer = await this.send({
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    }
    return answer.text ? JSON.parse(answer.text) : undefined;
  }

  send(
    { method, path, headers = {}, body }: RawRequest,
    { timeoutMs = 30_000 } = {},
  ): Promise<RawAnswer> {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const call = request(
        {
          host: this.url.hostname,
          port: this.url.port,
          agent: this.#agent,
          method,
          path,
          headers: {
            ...(body === undefined
              ? {}
              : { 'content-length': Buffer.byteLength(body) }),
            ...headers,
          },
        },
        response => {
          let text = '';
          const end = () =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              text,
              ms: performance.now() - started,
            });
          const streams = /event-stream/.test(
            response.headers['content-type'] ?? '',
          );
          response.setEncoding('utf8').on('data', part => {
            text += part;
            if (streams) {
              end();
              response.destroy();
            }
          });
          response.once('end', end);
          response.on('error', reject);
          if (streams) {
            // One that has nothing to say yet.
            setTimeout(() => response.destroy(), 500).unref();
            response.once('close', end);
          }
        },
      );
      call.setTimeout(timeoutMs, () =>
        call.destroy(new Error(`no answer after ${timeoutMs} ms`)),
      );
      call.on('error', reject);
      call.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
