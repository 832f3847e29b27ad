import { z } from 'zod/v4';

// What answers and events look like by the Open Responses specification of
// 2026-04-24, as far as a gateway without stored state can produce them.

const integer = z.number().int();
const status = z.enum(['in_progress', 'completed', 'incomplete']);

const part = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()),
  }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
]);

const item = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('message'),
    id: z.string().min(1),
    status,
    role: z.literal('assistant'),
    content: z.array(part),
  }),
  z.looseObject({
    type: z.literal('function_call'),
    id: z.string().min(1),
    status,
    call_id: z.string().min(1).max(64),
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    arguments: z.string(),
  }),
]);

const tool = z.looseObject({
  type: z.literal('function'),
  name: z.string(),
  description: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: z.boolean().nullable(),
});

const textFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: z.string(),
    description: z.string().nullable(),
    schema: z.record(z.string(), z.unknown()).nullable(),
    strict: z.boolean(),
  }),
]);

const usage = z.looseObject({
  input_tokens: integer,
  output_tokens: integer,
  total_tokens: integer,
  input_tokens_details: z.looseObject({ cached_tokens: integer }),
  output_tokens_details: z.looseObject({ reasoning_tokens: integer }),
});

/** The response object. All of its members are required, though most may be null. */
export const responseShape = z.looseObject({
  id: z.string().min(1),
  object: z.literal('response'),
  created_at: integer,
  completed_at: integer.nullable(),
  status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
  incomplete_details: z.looseObject({ reason: z.string() }).nullable(),
  model: z.string(),
  previous_response_id: z.string().nullable(),
  instructions: z.string().nullable(),
  output: z.array(item),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  tools: z.array(tool),
  tool_choice: z.union([
    z.enum(['none', 'auto', 'required']),
    z.looseObject({ type: z.enum(['function', 'allowed_tools']) }),
  ]),
  truncation: z.enum(['auto', 'disabled']),
  parallel_tool_calls: z.boolean(),
  text: z.looseObject({
    format: textFormat,
    verbosity: z.enum(['low', 'medium', 'high']).optional(),
  }),
  top_p: z.number(),
  presence_penalty: z.number(),
  frequency_penalty: z.number(),
  top_logprobs: integer,
  temperature: z.number(),
  reasoning: z
    .looseObject({
      effort: z.string().nullable(),
      summary: z.string().nullable(),
    })
    .nullable(),
  usage: usage.nullable(),
  max_output_tokens: integer.nullable(),
  max_tool_calls: integer.nullable(),
  store: z.boolean(),
  background: z.boolean(),
  service_tier: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  safety_identifier: z.string().nullable(),
  prompt_cache_key: z.string().nullable(),
});

const numbered = { sequence_number: integer };
const placed = { ...numbered, item_id: z.string(), output_index: integer };
const inPart = { ...placed, content_index: integer };
const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.looseObject({ type: z.literal(type), ...shape });
const whole = <T extends string>(type: T) =>
  event(type, { ...numbered, response: responseShape });

/** The events of a stream that can come from a gateway without stored state. */
export const eventShape = z.discriminatedUnion('type', [
  whole('response.created'),
  whole('response.in_progress'),
  whole('response.completed'),
  whole('response.incomplete'),
  whole('response.failed'),
  event('response.output_item.added', {
    ...numbered,
    output_index: integer,
    item,
  }),
  event('response.output_item.done', {
    ...numbered,
    output_index: integer,
    item,
  }),
  event('response.content_part.added', { ...inPart, part }),
  event('response.content_part.done', { ...inPart, part }),
  event('response.output_text.delta', {
    ...inPart,
    delta: z.string(),
    logprobs: z.array(z.unknown()).optional(),
  }),
  event('response.output_text.done', {
    ...inPart,
    text: z.string(),
    logprobs: z.array(z.unknown()).optional(),
  }),
  event('response.refusal.delta', { ...inPart, delta: z.string() }),
  event('response.refusal.done', { ...inPart, refusal: z.string() }),
  event('response.function_call_arguments.delta', {
    ...placed,
    delta: z.string(),
  }),
  event('response.function_call_arguments.done', {
    ...placed,
    arguments: z.string(),
  }),
]);

export type ResponseObject = z.infer<typeof responseShape>;
export type ResponseEvent = z.infer<typeof eventShape>;
