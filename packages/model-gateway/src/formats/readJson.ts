import type { z } from 'zod/v4';
import { GatewayError } from '../errors';
import type { JsonObject } from '../providers/ModelProvider';
import { JsonMeter } from './JsonMeter';

/** What JSON.parse and all that comes after it take in a moment. */
const MOST = { depth: 100, members: 60_000, elements: 1_000_000 };

/** Characters that are looked at in one go, so that too much is seen early. */
const PIECE = 65_536;

/**
 * Parses a request's body. It happens where everybody is served, so what would
 * take long for its structure and not for its size is refused before it.
 */
export function parseBody(text: string, what: string): unknown {
  refuseEndlessStructure(text);
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

function refuseEndlessStructure(text: string): void {
  const meter = new JsonMeter(MOST);
  let excess: ReturnType<JsonMeter['read']>;
  for (let at = 0; at < text.length && !excess; at += PIECE) {
    excess = meter.read(Buffer.from(text.slice(at, at + PIECE)));
  }
  if (excess === 'depth') {
    throw new GatewayError(
      400,
      'invalid_request',
      `The request body is nested more than ${MOST.depth} levels deep; send a flatter one.`,
    );
  }
  if (excess) {
    throw new GatewayError(
      413,
      'request_too_large',
      'The request body has too many parts; send fewer messages, tools or inputs at once.',
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
