import { GatewayError } from '../errors';
import { readBody } from '../http/readBody';
import { accessibleNames } from './access';
import { authenticate } from './authenticate';
import type { GatewayParts } from './GatewayParts';
import { ownHeaders, respondJson } from './respond';
import { serveCall } from './serveCall';
import type { Started } from './Started';

/** Finds out who calls and what for, and gives it. */
export async function serve<TGrant>(
  parts: GatewayParts<TGrant>,
  started: Started,
): Promise<void> {
  const { request, response, seen, surface } = started;
  const path = (request.url ?? '/').split('?', 1)[0].replace(/\/+$/, '');
  const caller = await authenticate(parts.authenticator, request);
  const asks = `${request.method} ${path}`;
  if (asks === 'GET /models') {
    const names = await accessibleNames(parts.directory, parts.policy, caller);
    const body = JSON.stringify(surface.models(names));
    respondJson(response, 200, body, ownHeaders(seen));
    return;
  }
  const counted = surface.counts.get(asks);
  const format = surface.formats.get(asks) ?? counted;
  if (!format) {
    throw new GatewayError(
      404,
      'not_found',
      `There is no ${asks} here; use ${[
        'GET /models',
        ...surface.formats.keys(),
      ].join(', ')}.`,
    );
  }
  const text = await seen.elsewhere(
    readBody(request, {
      maxBytes: parts.limits.maxRequestBytes,
      timeoutMs: parts.limits.requestTimeoutMs,
    }),
  );
  await serveCall(parts, started, {
    caller,
    format,
    text,
    onlyCounts: counted !== undefined,
  });
}
