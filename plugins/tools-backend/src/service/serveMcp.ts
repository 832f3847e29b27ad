import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { AuthInfo, McpHttpHandler } from '@modelcontextprotocol/server';
import type { Request as IncomingRequest, Response } from 'express';

/**
 * Serves MCP to requests whose body is parsed. Unlike `toNodeHandler` of the SDK it answers
 * an ordinary call in one piece: with its length told, a short answer is not compressed on
 * its way.
 */
export async function serveMcp(
  handler: McpHttpHandler,
  req: IncomingRequest,
  res: Response,
  authInfo: AuthInfo,
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => res.writableFinished || gone.abort());
  const request = new Request(`http://localhost${req.url}`, {
    method: req.method,
    headers: headersOf(req),
  });
  // Given to the constructor, a signal is followed by one more, which costs more than the rest.
  Object.defineProperty(request, 'signal', { value: gone.signal });
  const response = await handler.fetch(request, {
    authInfo,
    parsedBody: req.body,
  });
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
}

function headersOf({ headers }: IncomingRequest): Array<[string, string]> {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().map((value): [string, string] => [name, value]),
  );
}
