import type { CallToolResult } from '@modelcontextprotocol/client';
import { TOOL_META_SECRET } from '@agentportal/plugin-tools-common';
import type { ToolAnswer } from './limitResult';

/**
 * Whether a server marked its answer, or a part of it, as a secret. What agents get
 * goes to model providers and into the records of runs.
 */
export function holdsSecret(result: CallToolResult): boolean {
  return [result, ...(result.content ?? [])].some(
    ({ _meta }) => _meta?.[TOOL_META_SECRET] === true,
  );
}

/** What an agent reads in place of a secret. */
export function withheld(toolName: string): ToolAnswer {
  return {
    content: [
      {
        type: 'text',
        text: `${toolName} was called. Its answer holds a secret, which is not given to agents; a person can call the tool to see it.`,
      },
    ],
    isError: false,
  };
}
