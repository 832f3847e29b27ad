import { z } from 'zod/v4';
import type { Exchange, InputFormat, RawRequest } from '../InputFormat';
import { readJson } from '../readJson';
import { MessageEvents } from './MessageEvents';
import { refuseRouting } from '../refuseRouting';
import { refuseServerSide } from './refuseServerSide';
import { toChatRequest } from './toChatRequest';
import { toMessage } from './toMessage';

const text = z.string();
const list = z.array(z.looseObject({ type: z.string() })).max(100_000);

/** Only what the translation looks at; the rest passes through. */
const messagesSchema = z.looseObject({
  model: text.min(1).max(300),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['user', 'assistant', 'system']),
        content: z.union([text, list], 'must be a text or a list of blocks.'),
      }),
    )
    .min(1, 'must have at least one message.')
    .max(100_000),
  system: z.union([text, list]).nullish(),
  max_tokens: z.number().int().min(0).optional(),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(text).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  tools: z.array(z.looseObject({ name: text.optional() })).nullish(),
  tool_choice: z
    .looseObject({
      type: text,
      name: text.optional(),
      disable_parallel_tool_use: z.boolean().nullish(),
    })
    .nullish(),
  thinking: z.looseObject({ type: text }).nullish(),
  output_config: z
    .looseObject({
      format: z.looseObject({ type: text }).nullish(),
    })
    .nullish(),
  metadata: z.looseObject({ user_id: text.nullish() }).nullish(),
});

/** A request of Anthropic's Messages API. */
export type MessagesRequest = z.infer<typeof messagesSchema>;

/**
 * Anthropic's Messages API in front of every provider.
 *
 * Source: Anthropic API reference, "Create a Message" and "Streaming messages".
 */
export const messages: InputFormat = { operation: 'chat', read };

function read(raw: RawRequest): Exchange {
  const { asked, body: written } = readJson(
    raw.text,
    messagesSchema,
    'an Anthropic request',
  );
  refuseServerSide(asked);
  refuseRouting(written);
  const { body, untranslatable } = toChatRequest(asked);
  const beta = raw.headers['anthropic-beta'];
  const events = new MessageEvents({ callId: raw.callId, asked });
  return {
    request: {
      model: asked.model,
      stream: asked.stream === true,
      includeUsage: true,
      body,
      text: JSON.stringify(body),
      native: {
        format: 'anthropic-messages',
        body: written,
        text: raw.text,
        headers: beta ? { 'anthropic-beta': String(beta) } : {},
        untranslatable,
      },
    },
    whole: (answer, bill) =>
      answer.format
        ? answer.body
        : JSON.stringify(toMessage(answer.body, bill, raw.callId, asked)),
    chunk: chunk => events.chunk(chunk),
    end: bill => events.end(bill),
    failure: error => events.failure(error),
  };
}
