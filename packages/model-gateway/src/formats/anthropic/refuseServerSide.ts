import { invalidRequest } from '../../errors';
import type { MessagesRequest } from './messages';

/** Tools of Anthropic's that the caller runs; every other named type runs at Anthropic. */
const RUN_BY_CALLER = /^(custom|bash_|text_editor_|computer_|memory_)/;

/**
 * Refuses what would run at the provider: its own tools, containers and MCP
 * servers would go past the tool gateway, and their fees past the ledger.
 */
export function refuseServerSide(asked: MessagesRequest): void {
  for (const name of ['mcp_servers', 'container'] as const) {
    if (asked[name]) {
      throw invalidRequest(
        `\`${name}\` is not supported, because it would go past the tool gateway; offer the tools of the portal's MCP endpoint in \`tools\`.`,
      );
    }
  }
  for (const { type } of asked.tools ?? []) {
    if (typeof type === 'string' && !RUN_BY_CALLER.test(type)) {
      throw invalidRequest(
        `The tool ${type} would run at the provider, past the tool gateway; define a tool with an input_schema and run it yourself.`,
      );
    }
  }
}
