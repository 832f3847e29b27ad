import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { toNodeHandler } from '@modelcontextprotocol/node';
import type { AuthInfo, McpHttpHandler } from '@modelcontextprotocol/server';

/**
 * Serves MCP to Node's requests. It does what `toNodeHandler` of the SDK does, which has
 * what is odd, and reads an ordinary call once and answers it in one piece: with its
 * length told, a short answer is not compressed on its way.
 */
export function serveMcp(
  handler: McpHttpHandler,
  options: { maxRequestBodySize: number; onerror(error: Error): void },
) {
  const serveOdd = toNodeHandler(handler, options);
  return async (
    req: IncomingMessage,
    res: ServerResponse,
    authInfo: AuthInfo,
  ): Promise<void> => {
    const length = Number(req.headers['content-length'] ?? NaN);
    if (req.method !== 'POST' || !(length <= options.maxRequestBodySize)) {
      await serveOdd(Object.assign(req, { auth: authInfo }), res);
      return;
    }
    const gone = new AbortController();
    res.once('close', () => res.writableFinished || gone.abort());
    const text = await textOf(req);
    const parsedBody = parsed(text);
    const response = await handler.fetch(
      new Request(`http://${req.headers.host ?? 'localhost'}${req.url}`, {
        method: 'POST',
        headers: headersOf(req),
        signal: gone.signal,
        // What is no JSON the SDK answers.
        ...(parsedBody === undefined && { body: text }),
      }),
      { authInfo, parsedBody },
    );
    const headers = Object.fromEntries(response.headers);
    if (headers['content-type']?.startsWith('application/json')) {
      const answer = await response.text();
      res.writeHead(response.status, {
        ...headers,
        'content-length': Buffer.byteLength(answer),
      });
      res.end(answer);
      return;
    }
    res.writeHead(response.status, headers);
    if (!response.body) {
      res.end();
      return;
    }
    // A caller who has gone is told to the handler, and is no failure.
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
      res,
    ).catch(() => gone.abort());
  };
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headersOf({ headers }: IncomingMessage): Array<[string, string]> {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().map((value): [string, string] => [name, value]),
  );
}
