import { StringDecoder } from 'node:string_decoder';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { GatewayError } from '../errors';
import { JsonMeter } from '../formats/JsonMeter';
import { MOST_IN_ANSWER } from './ProviderAnswer';

/** A single event larger than this is not an answer of a model. */
const MAX_EVENT_CHARS = 8 * 1024 * 1024;
/** Less is parsed in a moment, whatever it is. */
const LARGE_EVENT_CHARS = 64 * 1024;

/** An event of a `text/event-stream`. */
export type ServerSentEvent = Pick<EventSourceMessage, 'event' | 'data'>;

/**
 * Cuts a byte stream into server-sent events, whatever the chunks' borders and
 * line ends are, in time that grows with the number of bytes. Comments and events
 * without data are left out.
 *
 * Source: WHATWG HTML, section 9.2.6.
 */
export async function* readServerSentEvents(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new StringDecoder('utf8');
  let events: ServerSentEvent[] = [];
  const tooLarge = () =>
    new GatewayError(
      502,
      'provider_bad_answer',
      'The provider sent an event that is too large to be an answer.',
    );
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARS,
    onEvent(event) {
      const { data } = event;
      if (
        data.length > LARGE_EVENT_CHARS &&
        new JsonMeter(MOST_IN_ANSWER).read(Buffer.from(data))
      ) {
        throw tooLarge();
      }
      events.push(event);
    },
    onError({ type }) {
      if (type === 'max-buffer-size-exceeded') {
        throw tooLarge();
      }
    },
  });
  const take = () => {
    const taken = events;
    events = [];
    return taken;
  };
  for await (const chunk of bytes) {
    parser.feed(decoder.write(chunk));
    for (const event of take()) {
      yield event;
    }
  }
  // Some servers end without the last blank line; a last event is still whole.
  parser.feed('\n\n');
  for (const event of take()) {
    yield event;
  }
}
