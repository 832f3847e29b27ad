import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { ToolMessage } from '@langchain/core/messages';
import canonicalize from 'canonicalize';
import type { StepEnd } from '../events/RunJournal';
import type { GatewayCall, ToolOutput } from './gateway';

/** The error of a step whose call the portal refused, which is no fault of the tool. */
export const CALL_REFUSED = 'CallRefused';

/** Most characters of a failed tool's text that its step keeps as the error. */
const ERROR_CHARACTERS = 2_000;

/**
 * How the step of a tool call ends. What the message to the model holds already
 * is not kept again; only what the tool gave back beside it.
 *
 * @param message - number of the message
 */
export function toolStepEnd(
  answer: ToolMessage,
  message: number,
  result: GatewayCall['toolResult'],
): StepEnd {
  return {
    ...describeOutput(answer.text, message, result?.output),
    ...(result?.rehearsed && { rehearsed: result.rehearsed }),
    ...(answer.status === 'error'
      ? {
          error: {
            name: result?.refusedBy ? CALL_REFUSED : 'ToolError',
            message: answer.text.slice(0, ERROR_CHARACTERS),
            ...(result?.refusedBy?.length && { ruleIds: result.refusedBy }),
          },
        }
      : {}),
  };
}

/**
 * Whether a call, if it succeeds, has done no more than read. What is rehearsed is answered alike
 * whatever is asked, and says nothing of whether an agent learns.
 */
export function isReadCall({
  rehearsed,
  riskTier,
}: {
  rehearsed?: unknown;
  riskTier?: RiskTier;
}): boolean {
  return riskTier === 'read' && rehearsed === undefined;
}

function describeOutput(
  text: string,
  message: number,
  output: ToolOutput | undefined,
): Pick<StepEnd, 'output' | 'result'> {
  if (!output) {
    return { result: { message, as: 'content' } };
  }
  const { content, structuredContent } = output;
  if (
    structuredContent !== undefined &&
    text === JSON.stringify(structuredContent)
  ) {
    const others = content.filter(block => !repeats(block, structuredContent));
    return {
      result: { message, as: 'structured' },
      ...(others.length ? { output: { content: others } } : {}),
    };
  }
  const [first] = content;
  return content.length === 1 && first.type === 'text' && first.text === text
    ? { result: { message, as: 'blocks' } }
    : { output };
}

/** MCP servers repeat structured results as text, for clients of old. */
function repeats(block: ToolOutput['content'][number], structured: unknown) {
  if (block.type !== 'text' || typeof block.text !== 'string') {
    return false;
  }
  try {
    return canonicalize(JSON.parse(block.text)) === canonicalize(structured);
  } catch {
    return false;
  }
}
