import type { z } from 'zod/v4';
import { GatewayError } from '../errors';
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

/** Parses a request's body by a schema; what is wrong becomes a sentence. */
export function readJson<T extends JsonObject>(
  text: string,
  schema: z.ZodType<T>,
  what: string,
): T {
  const parsed = schema.safeParse(parseBody(text, what));
  if (parsed.success) {
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const where = issue.path.join('.');
  throw new GatewayError(
    400,
    'invalid_request',
    where ? `\`${where}\`: ${issue.message}` : `Send ${what}.`,
  );
}
