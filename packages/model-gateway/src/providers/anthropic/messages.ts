import { invalidRequest } from '../../errors';
import type { JsonObject } from '../ModelProvider';
import { signedThoughts, type Thinking, toThinking } from './thinking';

/** Anthropic wants a limit on every request; this one is asked when nobody said. */
const DEFAULT_MAX_TOKENS = 4_096;

interface OpenAiMessage {
  role?: string;
  content?: unknown;
  tool_calls?: Array<{
    id?: string;
    function?: { name?: string; arguments?: string };
  }>;
  tool_call_id?: string;
}

type Block = JsonObject & { type: string };

/**
 * Translates an OpenAI chat request to Anthropic's Messages API.
 *
 * Source: Anthropic API reference, "Create a Message".
 */
export function toAnthropicRequest(
  body: JsonObject,
  modelId: string,
  maxOutputTokens?: number,
): JsonObject {
  const messages = asMessages(body.messages);
  const system = messages
    .filter(m => m.role === 'system' || m.role === 'developer')
    .flatMap(m => toBlocks(m.content));
  const asked = body.max_completion_tokens ?? body.max_tokens;
  const toolChoice = toToolChoice(body.tool_choice, body.parallel_tool_calls);
  const stop =
    typeof body.stop === 'string' ? [body.stop] : body.stop ?? undefined;
  const maxTokens = asked ?? maxOutputTokens ?? DEFAULT_MAX_TOKENS;
  const thinks = toThinking(body, modelId, Number(maxTokens));
  const { thinking } = thinks;
  const isThinking = thinking !== undefined && thinking.type !== 'disabled';
  return {
    model: modelId,
    max_tokens: maxTokens,
    messages: toTurns(messages, isThinking),
    ...(thinking && { thinking }),
    ...(system.length > 0 && { system }),
    // Whoever thinks does so at the temperature of its own.
    ...(body.temperature !== undefined &&
      body.temperature !== null &&
      !isThinking && {
        // Anthropic's scale ends at 1, OpenAI's at 2.
        temperature: Math.min(Number(body.temperature), 1),
      }),
    ...(typeof body.top_p === 'number' && !isThinking && { top_p: body.top_p }),
    ...(stop !== undefined && { stop_sequences: stop }),
    ...(Array.isArray(body.tools) &&
      body.tools.length > 0 && { tools: body.tools.map(toTool) }),
    ...(toolChoice && Array.isArray(body.tools) && { tool_choice: toolChoice }),
    ...(typeof body.user === 'string' && { metadata: { user_id: body.user } }),
    ...toOutputConfig(body.response_format, thinks),
    ...(body.stream === true && { stream: true }),
  };
}

function asMessages(value: unknown): OpenAiMessage[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalidRequest(
      '`messages` must be a list with at least one message.',
    );
  }
  return value as OpenAiMessage[];
}

/** Neighbours of one role become one turn, because tool results must be. */
function toTurns(messages: OpenAiMessage[], isThinking: boolean) {
  const turns: Array<{ role: 'user' | 'assistant'; content: Block[] }> = [];
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') {
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = toTurnBlocks(message, isThinking);
    const last = turns.at(-1);
    if (last?.role === role) {
      last.content.push(...content);
    } else if (content.length > 0) {
      turns.push({ role, content });
    }
  }
  return turns;
}

function toTurnBlocks(message: OpenAiMessage, isThinking: boolean): Block[] {
  if (message.role === 'tool') {
    return [
      {
        type: 'tool_result',
        tool_use_id: message.tool_call_id,
        content: toBlocks(message.content),
      },
    ];
  }
  const calls = (message.tool_calls ?? []).map(call => ({
    type: 'tool_use',
    id: call.id,
    name: call.function?.name,
    input: parseArguments(call.function?.arguments),
  }));
  const thoughts =
    isThinking && message.role === 'assistant'
      ? (signedThoughts(message as JsonObject) as Block[])
      : [];
  return [...thoughts, ...toBlocks(message.content), ...calls];
}

function parseArguments(text: string | undefined): unknown {
  if (!text) {
    return {};
  }
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest(
      'The arguments of a tool call in `messages` are not JSON.',
    );
  }
}

function toBlocks(content: unknown): Block[] {
  if (typeof content === 'string') {
    return content === '' ? [] : [{ type: 'text', text: content }];
  }
  if (!Array.isArray(content)) {
    return [];
  }
  return (content as Array<JsonObject & { type?: string }>).map(part => {
    if (part.type === 'image_url') {
      return toImage((part.image_url as { url?: string } | undefined)?.url);
    }
    if (part.type === 'text') {
      const { cache_control: cacheControl } = part;
      return {
        type: 'text',
        text: part.text,
        ...(cacheControl !== undefined && { cache_control: cacheControl }),
      };
    }
    if (part.type === 'file') {
      return toDocument(part.file as JsonObject | undefined);
    }
    throw invalidRequest(
      `Anthropic models do not take message parts of type ${part.type}; send text, images or PDF files.`,
    );
  });
}

function toImage(url = ''): Block {
  const inline = readDataUrl(url);
  return {
    type: 'image',
    source: inline
      ? { type: 'base64', media_type: inline.mediaType, data: inline.base64 }
      : { type: 'url', url },
  };
}

function toDocument(file: JsonObject | undefined): Block {
  const data = readDataUrl(file?.file_data);
  if (!data) {
    throw invalidRequest(
      'Anthropic models take files as `file_data` with a data URL, not by id.',
    );
  }
  return {
    type: 'document',
    ...(typeof file?.filename === 'string' && { title: file.filename }),
    source:
      data.mediaType === 'text/plain'
        ? {
            type: 'text',
            media_type: 'text/plain',
            data: Buffer.from(data.base64, 'base64').toString('utf8'),
          }
        : { type: 'base64', media_type: data.mediaType, data: data.base64 },
  };
}

function readDataUrl(url: unknown) {
  const found =
    typeof url === 'string' && /^data:([^;,]+);base64,(.*)$/s.exec(url);
  return found ? { mediaType: found[1], base64: found[2] } : undefined;
}

function toTool(tool: unknown): JsonObject {
  const { function: fn } = tool as {
    function?: {
      name?: string;
      description?: string;
      parameters?: unknown;
      strict?: unknown;
    };
  };
  if (!fn?.name) {
    throw invalidRequest('Each of `tools` must have a function with a name.');
  }
  return {
    name: fn.name,
    description: fn.description,
    input_schema: fn.parameters ?? { type: 'object', properties: {} },
    ...(typeof fn.strict === 'boolean' && { strict: fn.strict }),
  };
}

/**
 * Anthropic holds an answer to a schema. It has nothing for "some JSON", which the
 * prompt asks for anyway, as OpenAI demands of it.
 */
function toOutputConfig(format: unknown, { effort }: Thinking): JsonObject {
  const { type, json_schema: asked } = (format ?? {}) as {
    type?: string;
    json_schema?: { schema?: unknown };
  };
  const config = {
    ...(type === 'json_schema' &&
      asked?.schema !== undefined &&
      asked.schema !== null && {
        format: { type: 'json_schema', schema: asked.schema },
      }),
    ...(effort && { effort }),
  };
  return Object.keys(config).length > 0 ? { output_config: config } : {};
}

function toToolChoice(
  choice: unknown,
  parallel: unknown,
): JsonObject | undefined {
  const single =
    parallel === false ? { disable_parallel_tool_use: true } : undefined;
  if (choice === 'none') {
    return { type: 'none' };
  }
  if (choice === 'required') {
    return { type: 'any', ...single };
  }
  const name = (choice as { function?: { name?: string } } | undefined)
    ?.function?.name;
  if (name) {
    return { type: 'tool', name, ...single };
  }
  return single && { type: 'auto', ...single };
}
