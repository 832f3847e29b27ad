import type { McpServer } from '@modelcontextprotocol/server';
import type { z } from 'zod/v4';
import { CannotDo } from './CannotDo';

/**
 * What a tool does to the world. Tool annotations are derived from it, so
 * what a tool says of itself cannot differ from tool to tool.
 *
 * `read` changes nothing; `write` adds or changes data in a way that can be
 * undone; `external` reaches people or systems outside of the company;
 * `critical` destroys data or spends money.
 */
export type Effect = 'read' | 'write' | 'external' | 'critical';

/** A tool that can be registered at an MCP server. */
export interface ServerTool {
  name: string;
  effect: Effect;
  register(server: McpServer): void;
}

interface ToolDefinition<
  TInput extends z.ZodObject,
  TOutput extends z.ZodObject,
> {
  name: string;
  title: string;
  description: string;
  effect: Effect;
  /** Whether the same call twice is the same as once. Reads always are. */
  idempotent?: boolean;
  input: TInput;
  output: TOutput;
  /** Does the work. `text` is for people and models, `data` for programs. */
  run(input: z.output<TInput>): { text: string; data: z.output<TOutput> };
}

/** Describes one tool: its contract, its effect and its work. */
export function defineTool<
  TInput extends z.ZodObject,
  TOutput extends z.ZodObject,
>(definition: ToolDefinition<TInput, TOutput>): ServerTool {
  const { name, title, description, effect, input, output } = definition;
  const annotations = {
    title,
    readOnlyHint: effect === 'read',
    destructiveHint: effect === 'critical',
    idempotentHint: effect === 'read' || definition.idempotent === true,
    openWorldHint: effect === 'external',
  };

  const call = (args: z.output<TInput>) => {
    try {
      const { text, data } = definition.run(args);
      return {
        content: [{ type: 'text' as const, text }],
        structuredContent: data as Record<string, unknown>,
      };
    } catch (error) {
      if (error instanceof CannotDo) {
        return failure(error.message);
      }
      // A defect of this server: the whole story belongs to its operator.
      console.error(`Tool ${name} failed:`, error);
      return failure(
        `The tool ${name} failed because of a defect in the server that offers it. Nothing was changed; its log has the details.`,
      );
    }
  };

  return {
    name,
    effect,
    register(server) {
      server.registerTool(
        name,
        {
          title,
          description,
          inputSchema: input as z.ZodObject,
          outputSchema: output as z.ZodObject,
          annotations,
        },
        args => call(args as z.output<TInput>),
      );
    },
  };
}

function failure(text: string) {
  return { isError: true, content: [{ type: 'text' as const, text }] };
}
