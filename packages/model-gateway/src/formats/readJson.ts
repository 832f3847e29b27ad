import type { z } from 'zod/v4';
import { GatewayError } from '../errors';
import type { JsonObject } from '../providers/ModelProvider';

/** What JSON.parse and all that comes after it take in a moment. */
const MOST = { depth: 100, members: 60_000, elements: 1_000_000 };

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

/** Looks at each character once, and at none inside of a string. */
function refuseEndlessStructure(text: string): void {
  let depth = 0;
  let members = 0;
  let elements = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        members += 1;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      case 0x3a: // :
        members += 1;
        break;
      case 0x2c: // ,
        elements += 1;
        break;
      default:
    }
    if (depth > MOST.depth) {
      throw new GatewayError(
        400,
        'invalid_request',
        `The request body is nested more than ${MOST.depth} levels deep; send a flatter one.`,
      );
    }
    if (members > MOST.members || elements > MOST.elements) {
      throw new GatewayError(
        413,
        'request_too_large',
        'The request body has too many parts; send fewer messages, tools or inputs at once.',
      );
    }
  }
}

/** Where the string ends that begins here; the end of the text if nowhere. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; ) {
    if (end < 0) {
      return text.length;
    }
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === 0x5c) {
      escapes += 1;
    }
    if (escapes % 2 === 0) {
      return end;
    }
    end = text.indexOf('"', end + 1);
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
