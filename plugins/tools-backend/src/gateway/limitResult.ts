import type { CallToolResult } from '@modelcontextprotocol/client';

type Content = CallToolResult['content'];

/** A tool's answer, as the gateway hands it on. */
export interface ToolAnswer {
  content: Content;
  structuredContent?: unknown;
  isError: boolean;
}

/**
 * Cuts an answer that is too large for a model's context, and says so in it.
 * Text can be read in part; half of a structure or of a picture is none, so
 * those make it an error.
 */
export function limitResult(
  toolName: string,
  answer: ToolAnswer,
  maxBytes: number,
): { answer: ToolAnswer; cut: boolean } {
  const bytes = Buffer.byteLength(JSON.stringify(answer));
  if (bytes <= maxBytes) {
    return { answer, cut: false };
  }
  const onlyText =
    answer.structuredContent === undefined &&
    answer.content.every(({ type }) => type === 'text');
  const note = `[The answer of ${toolName} has ${inWords(bytes)}, and ${inWords(
    maxBytes,
  )} are passed on. What follows is its beginning. Ask for less: use a filter or a smaller limit.]`;
  const content: Content = [{ type: 'text', text: note }];
  let left = maxBytes - Buffer.byteLength(note);
  for (const block of answer.content) {
    if (block.type === 'text' && left > 0) {
      const text = beginning(block.text, left);
      left -= Buffer.byteLength(text);
      content.push({ type: 'text', text });
    }
  }
  return {
    answer: { content, isError: answer.isError || !onlyText },
    cut: true,
  };
}

function beginning(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) {
    return text;
  }
  const cut = Buffer.from(text).subarray(0, maxBytes).toString('utf8');
  // The last character may have lost its end.
  return cut.replace(/\uFFFD+$/, '');
}

function inWords(bytes: number): string {
  return bytes < 1024 * 1024
    ? `${Math.round(bytes / 1024)} KiB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
