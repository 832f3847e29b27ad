import { z } from 'zod/v4';
import type { Exchange, InputFormat, RawRequest } from '../InputFormat';
import { readJson } from '../readJson';
import { refuseRouting } from '../refuseRouting';
import { refuseStored } from './refuseStored';
import { ResponseEvents } from './ResponseEvents';
import { toChatRequest } from './toChatRequest';
import { toResponse } from './toResponse';

const text = z.string();
const parts = z.array(z.looseObject({ type: text })).max(100_000);

const itemSchema = z.looseObject({
  type: text.nullish(),
  role: z.enum(['user', 'assistant', 'system', 'developer']).nullish(),
  content: z.union([text, parts]).nullish(),
  call_id: text.nullish(),
  name: text.nullish(),
  arguments: text.nullish(),
  output: z.union([text, parts]).nullish(),
});

/** Only what the translation looks at; the rest passes through. */
const responsesSchema = z.looseObject({
  model: text.min(1).max(300),
  input: z.union(
    [text, z.array(itemSchema).min(1).max(100_000)],
    'must be a text or a list of items.',
  ),
  instructions: text.nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  frequency_penalty: z.number().nullish(),
  tools: z.array(z.looseObject({ type: text })).nullish(),
  tool_choice: z.union([text, z.looseObject({ type: text })]).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z
    .looseObject({
      format: z.looseObject({ type: text }).nullish(),
      verbosity: text.nullish(),
    })
    .nullish(),
  reasoning: z.looseObject({ effort: text.nullish() }).nullish(),
  user: text.nullish(),
  metadata: z.record(text, z.unknown()).nullish(),
});

/** A request of OpenAI's Responses API. */
export type ResponsesRequest = z.infer<typeof responsesSchema>;
/** One item of its input. */
export type ResponsesItem = z.infer<typeof itemSchema>;

/**
 * The stateless part of OpenAI's Responses API in front of every provider.
 *
 * Source: Open Responses specification of 2026-04-24.
 */
export const responses: InputFormat = { operation: 'chat', read };

function read(raw: RawRequest): Exchange {
  const { asked, body: written } = readJson(
    raw.text,
    responsesSchema,
    'an OpenAI response request',
  );
  refuseStored(asked);
  refuseRouting(written);
  const { body, untranslatable } = toChatRequest(asked);
  const call = { callId: raw.callId, createdAt: raw.receivedAt, asked };
  const events = new ResponseEvents(call);
  return {
    request: {
      model: asked.model,
      stream: asked.stream === true,
      includeUsage: true,
      body,
      text: JSON.stringify(body),
      native: {
        format: 'openai-responses',
        body: written,
        text: raw.text,
        headers: {},
        untranslatable,
      },
    },
    whole: (answer, bill) =>
      answer.format
        ? answer.body
        : JSON.stringify(toResponse(answer.body, bill, call)),
    chunk: chunk => events.chunk(chunk),
    end: bill => events.end(bill),
    failure: error => events.failure(error),
  };
}
