import { invalidRequest } from '../../errors';
import type { JsonObject } from '../../providers/ModelProvider';
import type { MessagesRequest } from './messages';
import { readBlocks, textOf } from './blocks';

/**
 * Translates a Messages request to OpenAI's chat form. What that form cannot say
 * is left out where the answer stays the same (cache marks, thinking) and else
 * named in `untranslatable`.
 */
export function toChatRequest(asked: MessagesRequest): {
  body: JsonObject;
  untranslatable?: string;
} {
  const missing: string[] = [];
  const messages = asked.messages.flatMap(({ role, content }) =>
    readBlocks(role, content, missing),
  );
  const system = asked.system ? textOf(asked.system) : '';
  const tools = (asked.tools ?? []).flatMap(tool => toTool(tool, missing));
  const body: JsonObject = {
    model: asked.model,
    messages: system
      ? [{ role: 'system', content: system }, ...messages]
      : messages,
    ...(asked.max_tokens && { max_completion_tokens: asked.max_tokens }),
    ...(asked.stop_sequences?.length && { stop: asked.stop_sequences }),
    ...(typeof asked.temperature === 'number' && {
      temperature: asked.temperature,
    }),
    ...(typeof asked.top_p === 'number' && { top_p: asked.top_p }),
    ...(asked.metadata?.user_id && { user: asked.metadata.user_id }),
    ...(tools.length > 0 && { tools, ...toToolChoice(asked.tool_choice) }),
    ...toResponseFormat(asked.output_config?.format),
    ...(asked.stream && {
      stream: true,
      stream_options: { include_usage: true },
    }),
  };
  return { body, untranslatable: missing[0] };
}

function toTool(tool: JsonObject, missing: string[]): JsonObject[] {
  const { type, name, description, input_schema: schema, strict } = tool;
  if (type && type !== 'custom') {
    missing.push(
      `the tool ${type} is known to Anthropic's models only; define a tool with an input_schema, or use one of those models.`,
    );
    return [];
  }
  if (typeof name !== 'string' || typeof schema !== 'object') {
    throw invalidRequest(
      'Each of `tools` must have a `name` and an `input_schema`.',
    );
  }
  return [
    {
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: schema,
        ...(strict !== undefined && { strict }),
      },
    },
  ];
}

function toToolChoice(choice: MessagesRequest['tool_choice']): JsonObject {
  if (!choice) {
    return {};
  }
  const parallel = choice.disable_parallel_tool_use
    ? { parallel_tool_calls: false }
    : {};
  switch (choice.type) {
    case 'any':
      return { tool_choice: 'required', ...parallel };
    case 'tool':
      return {
        tool_choice: { type: 'function', function: { name: choice.name } },
        ...parallel,
      };
    case 'none':
      return { tool_choice: 'none' };
    default:
      return { tool_choice: 'auto', ...parallel };
  }
}

function toResponseFormat(format: JsonObject | null | undefined): JsonObject {
  return format?.type === 'json_schema'
    ? {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: format.schema, strict: true },
        },
      }
    : {};
}
