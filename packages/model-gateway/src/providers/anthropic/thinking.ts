import type { JsonObject } from '../ModelProvider';

/** Anthropic's smallest budget for thinking. */
const LEAST_BUDGET = 1_024;

/** Part of the longest answer that may go into thinking, by OpenAI's words. */
const SHARES: Readonly<Record<string, number | undefined>> = {
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.95,
};

/** What Claude calls the efforts that it has by another name. */
const EFFORTS: Readonly<Record<string, string | undefined>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'max',
};

/**
 * A block of thinking as it goes through OpenAI's chat form, in the member
 * `thinking_blocks` that LiteLLM has introduced: Claude wants its blocks back,
 * signed, in front of the calls that followed from them.
 */
export interface ThinkingBlock {
  type: 'thinking' | 'redacted_thinking';
  thinking?: string;
  /** Empty once somebody has changed the text, and then nobody wants it back. */
  signature?: string;
  data?: string;
}

/** How a request asks Claude to think; both parts are empty where it does not. */
export interface Thinking {
  thinking?: JsonObject;
  effort?: string;
}

/**
 * Reads how much a caller wants a model to reason. Claude 4.6 and later decide by
 * an effort, earlier ones by a budget within the longest answer. What a model or a
 * request cannot have is left out, as hints are.
 *
 * Source: Anthropic API reference, "Extended thinking" and "Adaptive thinking".
 */
export function toThinking(
  body: JsonObject,
  modelId: string,
  maxTokens: number,
): Thinking {
  const asked = body.reasoning_effort;
  const version = versionOf(modelId);
  if (typeof asked !== 'string' || version < 3.7) {
    return {};
  }
  if (asked === 'none') {
    return { thinking: { type: 'disabled' } };
  }
  const effort = EFFORTS[asked];
  // A model that has to call a tool cannot think first.
  if (effort === undefined || mustCall(body.tool_choice)) {
    return {};
  }
  if (version >= 4.06) {
    return { thinking: { type: 'adaptive', display: 'summarized' }, effort };
  }
  const budget = Math.max(LEAST_BUDGET, Math.floor(maxTokens * SHARES[asked]!));
  return budget < maxTokens && !hasLostThoughts(body.messages)
    ? { thinking: { type: 'enabled', budget_tokens: budget } }
    : {};
}

/** What Claude gets back of what it thought. */
export function signedThoughts(message: JsonObject): JsonObject[] {
  return blocksOf(message).filter(isSigned) as unknown as JsonObject[];
}

/** In OpenAI's chat form: the text for people, the blocks for the next request. */
export function toldThoughts(blocks: ThinkingBlock[]): JsonObject {
  const text = blocks.map(block => block.thinking ?? '').join('');
  return {
    ...(text && { reasoning_content: text }),
    ...(blocks.length > 0 && { thinking_blocks: blocks }),
  };
}

/** 4.05 for Claude 4.5, and 0 for what is none that is known. */
function versionOf(modelId: string): number {
  const found =
    /claude-[a-z]+-(\d{1,2})(?:-(\d{1,2}))?(?![\d])/.exec(modelId) ??
    /claude-(3)-(7)-/.exec(modelId);
  const [, major, minor] = found ?? [];
  if (found && major === '3') {
    return minor === '7' ? 3.7 : 3;
  }
  return found ? Number(major) + Number(minor ?? 0) / 100 : 0;
}

function mustCall(choice: unknown): boolean {
  return (
    choice === 'required' || (typeof choice === 'object' && choice !== null)
  );
}

/** Since a person spoke, the model has called tools, and its thoughts did not come back. */
function hasLostThoughts(messages: unknown): boolean {
  const list = Array.isArray(messages) ? (messages as JsonObject[]) : [];
  const spoken = list.findLastIndex(message => message?.role === 'user');
  const first = list
    .slice(spoken + 1)
    .find(message => message?.role === 'assistant');
  return first !== undefined && !blocksOf(first).some(isSigned);
}

function blocksOf(message: JsonObject): ThinkingBlock[] {
  const { thinking_blocks: blocks } = message;
  return Array.isArray(blocks)
    ? (blocks as unknown[]).filter(
        (block): block is ThinkingBlock =>
          typeof block === 'object' && block !== null,
      )
    : [];
}

function isSigned({ data, signature, type }: ThinkingBlock): boolean {
  return type === 'redacted_thinking'
    ? typeof data === 'string' && data !== ''
    : type === 'thinking' && typeof signature === 'string' && signature !== '';
}
