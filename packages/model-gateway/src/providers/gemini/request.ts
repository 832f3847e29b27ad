import { invalidRequest } from '../../errors';
import type { JsonObject, ProviderRequest } from '../ModelProvider';
import { type ChatMessage, toContents, toParts } from './contents';

/**
 * Translates an OpenAI chat request to Gemini's.
 *
 * Source: Gemini API reference, "models.generateContent".
 */
export function toGeminiRequest(request: ProviderRequest): JsonObject {
  const { body, modelId } = request;
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw invalidRequest(
      '`messages` must be a list with at least one message.',
    );
  }
  const messages = body.messages as ChatMessage[];
  const isSystem = ({ role }: ChatMessage) =>
    role === 'system' || role === 'developer';
  const system = messages.filter(isSystem).flatMap(m => toParts(m.content));
  const declarations = Array.isArray(body.tools)
    ? body.tools.map(toDeclaration)
    : [];
  const toolConfig = toToolConfig(body.tool_choice);
  return {
    contents: toContents(
      messages.filter(message => !isSystem(message)),
      modelId,
    ),
    ...(system.length > 0 && { systemInstruction: { parts: system } }),
    ...(declarations.length > 0 && {
      tools: [{ functionDeclarations: declarations }],
      ...(toolConfig && { toolConfig }),
    }),
    generationConfig: toGenerationConfig(request),
  };
}

function toGenerationConfig(request: ProviderRequest): JsonObject {
  const { body, modelId } = request;
  const given = (name: string, value: unknown) =>
    value === null || value === undefined ? {} : { [name]: value };
  const format = body.response_format as
    | { type?: string; json_schema?: { schema?: unknown } }
    | null
    | undefined;
  const asksJson =
    format?.type === 'json_object' || format?.type === 'json_schema';
  return {
    ...given(
      'maxOutputTokens',
      body.max_completion_tokens ?? body.max_tokens ?? request.outputCap,
    ),
    ...given('temperature', body.temperature),
    ...given('topP', body.top_p),
    ...given('seed', body.seed),
    ...given('frequencyPenalty', body.frequency_penalty),
    ...given('presencePenalty', body.presence_penalty),
    ...given(
      'stopSequences',
      typeof body.stop === 'string' ? [body.stop] : body.stop,
    ),
    ...(asksJson && { responseMimeType: 'application/json' }),
    ...given('responseJsonSchema', format?.json_schema?.schema),
    ...given('thinkingConfig', toThinking(body.reasoning_effort, modelId)),
  };
}

/** Budgets in tokens that Google takes OpenAI's words for. */
const BUDGETS: Record<string, number | undefined> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
};

/** Gemini 2 has budgets, later models have levels. */
function toThinking(effort: unknown, modelId: string): JsonObject | undefined {
  if (typeof effort !== 'string') {
    return undefined;
  }
  // What is thought is shown to those who ask for it, as other models do.
  const told = effort === 'none' ? {} : { includeThoughts: true };
  if (modelId.startsWith('gemini-2')) {
    const budget = BUDGETS[effort] ?? BUDGETS.high;
    return { thinkingBudget: budget, ...told };
  }
  const level = { none: 'minimal', xhigh: 'high', max: 'high' }[effort];
  return { thinkingLevel: level ?? effort, ...told };
}

function toDeclaration(tool: unknown): JsonObject {
  const { function: fn } = tool as {
    function?: { name?: string; description?: string; parameters?: unknown };
  };
  if (!fn?.name) {
    throw invalidRequest('Each of `tools` must have a function with a name.');
  }
  return {
    name: fn.name,
    ...(fn.description && { description: fn.description }),
    ...(fn.parameters ? { parametersJsonSchema: fn.parameters } : {}),
  };
}

function toToolConfig(choice: unknown): JsonObject | undefined {
  const config = (mode: string, names?: unknown[]) => ({
    functionCallingConfig: {
      mode,
      ...(names && { allowedFunctionNames: names }),
    },
  });
  if (typeof choice === 'string') {
    const mode = { none: 'NONE', required: 'ANY' }[choice];
    return mode ? config(mode) : undefined;
  }
  const { function: fn, allowed_tools: allowed } = (choice ?? {}) as {
    function?: { name?: string };
    allowed_tools?: {
      mode?: string;
      tools?: Array<{ function?: { name?: string } }>;
    };
  };
  if (fn?.name) {
    return config('ANY', [fn.name]);
  }
  return allowed
    ? config(
        allowed.mode === 'required' ? 'ANY' : 'VALIDATED',
        allowed.tools?.map(tool => tool.function?.name),
      )
    : undefined;
}
