import type { JsonObject } from '../../providers/ModelProvider';
import { toMessages } from './items';
import type { ResponsesRequest } from './responses';

/** Translates a Responses request to OpenAI's chat form. */
export function toChatRequest(asked: ResponsesRequest): {
  body: JsonObject;
  untranslatable?: string;
} {
  const missing: string[] = [];
  const messages = toMessages(asked.input, missing);
  const tools = (asked.tools ?? []).flatMap(tool => toTool(tool, missing));
  const toolChoice = toToolChoice(asked.tool_choice, missing);
  const given = (name: string, value: unknown) =>
    value === null || value === undefined ? {} : { [name]: value };
  const body: JsonObject = {
    model: asked.model,
    messages: asked.instructions
      ? [{ role: 'system', content: asked.instructions }, ...messages]
      : messages,
    ...given('max_completion_tokens', asked.max_output_tokens),
    ...given('temperature', asked.temperature),
    ...given('top_p', asked.top_p),
    ...given('presence_penalty', asked.presence_penalty),
    ...given('frequency_penalty', asked.frequency_penalty),
    ...given('reasoning_effort', asked.reasoning?.effort),
    ...given('verbosity', asked.text?.verbosity),
    ...given('user', asked.user),
    ...given('response_format', toResponseFormat(asked.text?.format)),
    ...(tools.length > 0 && {
      tools,
      ...given('tool_choice', toolChoice),
      ...given('parallel_tool_calls', asked.parallel_tool_calls),
    }),
    ...(asked.stream && {
      stream: true,
      stream_options: { include_usage: true },
    }),
  };
  return { body, untranslatable: missing[0] };
}

function toTool(tool: JsonObject, missing: string[]): JsonObject[] {
  const { type, name, description, parameters, strict } = tool;
  if (type !== 'function') {
    missing.push(
      `tools of type ${type} are of OpenAI's own models only; define a tool of type function.`,
    );
    return [];
  }
  return [
    {
      type: 'function',
      function: {
        name,
        ...(description ? { description } : {}),
        parameters: parameters ?? { type: 'object', properties: {} },
        ...(typeof strict === 'boolean' && { strict }),
      },
    },
  ];
}

function toToolChoice(
  choice: ResponsesRequest['tool_choice'],
  missing: string[],
): unknown {
  if (!choice || typeof choice === 'string') {
    return choice;
  }
  if (choice.type === 'function') {
    return { type: 'function', function: { name: choice.name } };
  }
  if (choice.type === 'allowed_tools' && Array.isArray(choice.tools)) {
    return {
      type: 'allowed_tools',
      allowed_tools: {
        mode: choice.mode ?? 'auto',
        tools: (choice.tools as JsonObject[]).map(tool => ({
          type: 'function',
          // LangChain keeps the form of chat completions here.
          function: tool?.function ?? { name: tool?.name },
        })),
      },
    };
  }
  missing.push(
    `a \`tool_choice\` of type ${choice.type} is of OpenAI's own models only; use auto, none, required, function or allowed_tools.`,
  );
  return undefined;
}

function toResponseFormat(
  format: JsonObject | null | undefined,
): JsonObject | undefined {
  if (!format || format.type === 'text') {
    return undefined;
  }
  if (format.type !== 'json_schema') {
    return { type: format.type };
  }
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}
