import { createParser } from 'eventsource-parser';
import type { NumberedRunEvent, RunEvent } from '../events';

/** Longest server-sent event that is read; guards against an endless line. */
const MAX_EVENT_CHARACTERS = 8_000_000;

/**
 * Reads the AG-UI events out of a `text/event-stream` body. Ends when the body
 * ends; throws what the body throws. The body is released when the reader
 * stops early.
 */
export async function* readEventStream(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<NumberedRunEvent> {
  const ready: NumberedRunEvent[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: message => {
      ready.push({
        id: message.id ?? '',
        event: JSON.parse(message.data) as RunEvent,
      });
    },
  });
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      parser.feed(decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
