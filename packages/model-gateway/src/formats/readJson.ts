import type { z } from 'zod/v4';
import { GatewayError, invalidRequest } from '../errors';
import type { JsonObject } from '../providers/ModelProvider';

/** Parses a request's body. */
export function parseBody(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatewayError(
      400,
      'invalid_request',
      `The request body is not JSON; send ${what}.`,
      { cause: error },
    );
  }
}

/**
 * Parses a request's body by a schema; what is wrong becomes a sentence.
 *
 * @returns what the schema made of it, and the body as it came
 */
export function readJson<T extends JsonObject>(
  text: string,
  schema: z.ZodType<T>,
  what: string,
): { asked: T; body: JsonObject } {
  const body = parseBody(text, what);
  const parsed = schema.safeParse(body);
  if (parsed.success) {
    return { asked: parsed.data, body: body as JsonObject };
  }
  const [issue] = parsed.error.issues;
  const where = issue.path.join('.');
  throw invalidRequest(
    where ? `\`${where}\`: ${issue.message}` : `Send ${what}.`,
  );
}
