import { StringDecoder } from 'node:string_decoder';
import { GatewayError } from '../errors';

/** A single event larger than this is not an answer of a model. */
const MAX_EVENT_CHARS = 8 * 1024 * 1024;

/** An event of a `text/event-stream`. */
export interface ServerSentEvent {
  event?: string;
  data: string;
}

/**
 * Cuts a byte stream into server-sent events, whatever the chunks' borders and
 * line ends are. Comments and events without data are left out.
 *
 * Source: WHATWG HTML, section 9.2.6.
 */
export async function* readServerSentEvents(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let event: string | undefined;
  let data: string[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    rest += decoder.write(chunk);
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    if (size + rest.length > MAX_EVENT_CHARS) {
      throw tooLarge();
    }
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) {
          yield { event, data: data.join('\n') };
        }
        event = undefined;
        data = [];
        size = 0;
      } else if (line.startsWith('data:')) {
        const value = line.slice(line[5] === ' ' ? 6 : 5);
        size += value.length;
        if (size > MAX_EVENT_CHARS) {
          throw tooLarge();
        }
        data.push(value);
      } else if (line.startsWith('event:')) {
        event = line.slice(6).trim();
      }
    }
  }
  // Some servers end without the last blank line; a last event is still whole.
  const last = rest.trimEnd();
  if (last.startsWith('data:')) {
    data.push(last.slice(last[5] === ' ' ? 6 : 5));
  }
  if (data.length > 0) {
    yield { event, data: data.join('\n') };
  }
}

function tooLarge(): GatewayError {
  return new GatewayError(
    502,
    'provider_bad_answer',
    'The provider sent an event that is too large to be an answer.',
  );
}
