import { JsonMeter } from '@agentportal/model-gateway';
import { InputError } from '@backstage/errors';
import express, { type RequestHandler } from 'express';

/** A megabyte of brackets takes a second to parse. Arguments of tools have 100 levels at most. */
const MOST = { depth: 200, members: 300_000, elements: 1_000_000 };

/**
 * Parses JSON bodies, once they were looked at: what is nested takes far longer to parse
 * than its size says, and nobody else is served meanwhile.
 *
 * @param limit - the largest, such as `1mb`
 * @param options.type - which requests have such a body; those of type `application/json` unless given
 * @public
 */
export function jsonBody(
  limit: string,
  options: { type?: () => boolean } = {},
): RequestHandler {
  return express.json({
    ...options,
    limit,
    verify: (_request, _response, body) => {
      if (new JsonMeter(MOST).read(body)) {
        const message = `The body is nested more than ${MOST.depth} levels deep, or has too many parts.`;
        throw Object.assign(new InputError(message), { statusCode: 400 });
      }
    },
  });
}
