import { z } from 'zod/v4';

const textPart = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
});
const content = z.union([z.string(), z.array(textPart), z.null()]).optional();

const toolCall = z.object({
  id: z.string(),
  type: z.literal('function').default('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const message = z.looseObject({
  role: z.enum([
    'system',
    'developer',
    'user',
    'assistant',
    'tool',
    'function',
  ]),
  content,
  name: z.string().optional(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().optional(),
});

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string().min(1),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

const requestSchema = z.looseObject({
  model: z.string().optional(),
  messages: z.array(message).min(1),
  tools: z.array(tool).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.looseObject({ function: z.looseObject({ name: z.string() }) }),
      z.looseObject({ type: z.literal('allowed_tools') }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .looseObject({
      type: z.enum(['text', 'json_object', 'json_schema']),
      json_schema: z
        .looseObject({
          name: z.string().optional(),
          schema: z.record(z.string(), z.unknown()).optional(),
        })
        .optional(),
    })
    .nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .looseObject({ include_usage: z.boolean().nullish() })
    .nullish(),
});

/**
 * The part of an OpenAI chat completions request that the model reads; further fields are accepted and ignored.
 *
 * @public
 */
export type ChatRequest = z.input<typeof requestSchema>;

/** A request after parsing. */
export type ParsedRequest = z.output<typeof requestSchema>;
export type ChatMessage = z.output<typeof message>;
export type ToolDefinition = z.output<typeof tool>;

/**
 * The request cannot be read; the message says where and why. Callers answer it with status 400.
 *
 * @public
 */
export class InvalidRequestError extends Error {
  readonly name = 'InputError';
  readonly statusCode = 400;
}

const DEEPEST = 100;

/** Whether JSON nests deeper than anything after this may walk; a loop, because recursion is what it protects. */
function nestsTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length; depth++) {
    if (depth > DEEPEST) return true;
    level = level.flatMap(item =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
  }
  return false;
}

/** Parses a request at the border; what is wrong is said with its path. */
export function parseRequest(input: unknown): ParsedRequest {
  if (nestsTooDeep(input))
    throw new InvalidRequestError(
      `Invalid chat completions request: it nests deeper than ${DEEPEST} levels; flatten the schemas of its tools.`,
    );
  const result = requestSchema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InvalidRequestError(
    `Invalid chat completions request at "${issue.path.join('.') || 'body'}": ${
      issue.message
    }`,
  );
}

/** The text of a message, whatever its form. Parts that are not text are left out. */
export function textOf(value: ChatMessage['content']): string {
  if (typeof value === 'string') return value;
  if (!value) return '';
  return value
    .map(part => part.text ?? '')
    .filter(Boolean)
    .join('\n');
}
