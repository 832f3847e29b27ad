import type { JsonObject } from '../../providers/ModelProvider';

type Block = JsonObject & { type: string };

/**
 * Translates one message. Tool results become messages of their own, in front of
 * what the person says in the same turn, as OpenAI's form wants them.
 */
export function readBlocks(
  role: string,
  content: string | Block[],
  missing: string[],
): JsonObject[] {
  if (typeof content === 'string') {
    return [{ role, content }];
  }
  return role === 'assistant'
    ? [toAssistant(content, missing)]
    : toUser(role, content, missing);
}

function toAssistant(blocks: Block[], missing: string[]): JsonObject {
  const text: string[] = [];
  const calls: JsonObject[] = [];
  for (const block of blocks) {
    if (block.type === 'tool_use') {
      calls.push({
        id: block.id,
        type: 'function',
        function: {
          name: block.name,
          arguments: JSON.stringify(block.input ?? {}),
        },
      });
    } else if (block.type === 'text') {
      text.push(String(block.text ?? ''));
    } else if (!/^(redacted_)?thinking$/.test(block.type)) {
      // Thinking is signed for the model that thought it; another has no use for it.
      missing.push(notOurs(block.type));
    }
  }
  return {
    role: 'assistant',
    content: text.length > 0 || calls.length === 0 ? text.join('') : null,
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function toUser(
  role: string,
  blocks: Block[],
  missing: string[],
): JsonObject[] {
  const results: JsonObject[] = [];
  const parts: JsonObject[] = [];
  for (const block of blocks) {
    if (block.type !== 'tool_result') {
      parts.push(...toParts(block, missing));
      continue;
    }
    const inner =
      typeof block.content === 'string'
        ? [{ type: 'text', text: block.content }]
        : ((block.content ?? []) as Block[]);
    const texts = inner.filter(part => part.type === 'text');
    const said = texts.map(part => part.text).join('\n');
    results.push({
      role: 'tool',
      tool_call_id: block.tool_use_id,
      content: block.is_error ? `Error: ${said}` : said,
    });
    // A tool message holds text only, so its pictures follow as the person's.
    parts.push(
      ...inner
        .filter(part => part.type !== 'text')
        .flatMap(part => toParts(part, missing)),
    );
  }
  if (parts.length === 0) {
    return results;
  }
  const onlyText = parts.every(part => part.type === 'text');
  const content = onlyText ? parts.map(part => part.text).join('\n') : parts;
  return [...results, { role, content }];
}

function toParts(block: Block, missing: string[]): JsonObject[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: block.text }];
    case 'image':
      return toImage(block.source as JsonObject, missing);
    case 'document':
      return toDocument(block, missing);
    case 'search_result':
      return [
        {
          type: 'text',
          text: `${block.title} (${block.source})\n${textOf(
            block.content as Block[],
          )}`,
        },
      ];
    default:
      missing.push(notOurs(block.type));
      return [];
  }
}

function toImage(source: JsonObject | undefined, missing: string[]) {
  if (source?.type === 'base64') {
    const url = `data:${source.media_type};base64,${source.data}`;
    return [{ type: 'image_url', image_url: { url } }];
  }
  if (source?.type === 'url') {
    return [{ type: 'image_url', image_url: { url: source.url } }];
  }
  missing.push('send images as base64 or by url, not as uploaded files.');
  return [];
}

function toDocument(block: Block, missing: string[]): JsonObject[] {
  const source = block.source as JsonObject | undefined;
  const title = typeof block.title === 'string' ? block.title : undefined;
  switch (source?.type) {
    case 'text':
      return [
        { type: 'text', text: [title, source.data].filter(Boolean).join('\n') },
      ];
    case 'base64':
      return [
        {
          type: 'file',
          file: {
            filename: title ?? 'document.pdf',
            file_data: `data:${source.media_type};base64,${source.data}`,
          },
        },
      ];
    case 'content':
      return [
        {
          type: 'text',
          text: textOf(source.content as string | Block[]),
        },
      ];
    default:
      missing.push('send documents as base64 or text, not by url or file id.');
      return [];
  }
}

/** The text of blocks; several stand in paragraphs of their own. */
export function textOf(content: string | JsonObject[]): string {
  return typeof content === 'string'
    ? content
    : (content ?? [])
        .filter(block => block.type === 'text')
        .map(block => String(block.text ?? ''))
        .join('\n\n');
}

function notOurs(type: string): string {
  return `blocks of type ${type} are of Anthropic's own models only.`;
}
