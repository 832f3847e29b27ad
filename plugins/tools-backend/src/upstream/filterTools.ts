import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { z } from 'zod/v4';

const jsonSchema = z.looseObject({ type: z.literal('object') });

// No control characters: they break logs and PostgreSQL texts. With half a letter
// mended it would be another name.
const toolName = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^[^\p{Cc}\uFFFD]+$/u,
    'must hold no control characters and no half letters',
  );

const toolSchema = z.object({
  name: toolName,
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: jsonSchema,
  outputSchema: z.looseObject({}).optional(),
  annotations: z
    .object({
      title: z.string().optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
});

/** Something that a server sent as a tool and that is none. */
export interface RejectedTool {
  name: string;
  reason: string;
}

/**
 * Takes what is no tool out of an answer to `tools/list`. The SDK refuses the
 * whole answer for one bad tool, and a bad tool should not hide the good ones.
 */
export function filterTools<T extends JSONRPCMessage>(
  message: T,
  rejected: RejectedTool[],
  maxTools: number,
): T {
  const result = (message as { result?: { tools?: unknown } }).result;
  if (!Array.isArray(result?.tools)) {
    return message;
  }
  const tools = [];
  const surplus = result.tools.length - maxTools;
  if (surplus > 0) {
    rejected.push(tooMany(`${surplus} more`, maxTools));
  }
  for (const [index, sent] of result.tools.slice(0, maxTools).entries()) {
    const tool = wellFormed(sent);
    const parsed = toolSchema.safeParse(tool);
    if (parsed.success) {
      tools.push(parsed.data);
    } else {
      const issue = parsed.error.issues[0];
      rejected.push({
        name: nameOf(tool) ?? `number ${index + 1}`,
        reason: `${issue.path.join('.') || 'it'}: ${issue.message}`,
      });
    }
  }
  return { ...message, result: { ...result, tools } };
}

/**
 * A value without halves of letters, which servers that cut texts leave in them: there
 * is no canonical form of such a text, and databases refuse it.
 */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.toWellFormed();
  }
  if (Array.isArray(value)) {
    return value.map(wellFormed);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key.toWellFormed(),
        wellFormed(item),
      ]),
    );
  }
  return value;
}

/** What a server sends beyond the number of tools that is taken of one. */
export function tooMany(name: string, maxTools: number): RejectedTool {
  return { name, reason: `the gateway takes ${maxTools} tools of a server` };
}

function nameOf(tool: unknown): string | undefined {
  const parsed = toolName.safeParse((tool as { name?: unknown } | null)?.name);
  return parsed.success ? parsed.data : undefined;
}
