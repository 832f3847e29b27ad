import { ResponseError } from '@backstage/errors';

/**
 * Lets openapi-fetch send through a Backstage fetch API, and turns an answer that
 * is no success into a `ResponseError`.
 *
 * The request goes on as an address with options, because the browser's fetch API
 * wraps requests more than once and a Request with a body can be read only once.
 *
 * @public
 */
export function sendThrough(
  send: typeof fetch,
): (request: Request) => Promise<Response> {
  return async request => {
    const response = await send(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.method === 'GET' ? undefined : await request.text(),
      signal: request.signal,
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response;
  };
}
