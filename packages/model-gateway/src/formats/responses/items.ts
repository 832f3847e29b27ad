import type { JsonObject } from '../../providers/ModelProvider';
import type { ResponsesItem, ResponsesRequest } from './responses';

/**
 * Translates the items of a conversation to chat messages. What an assistant says
 * and the calls that it makes are items of their own here and one message there.
 */
export function toMessages(
  input: ResponsesRequest['input'],
  missing: string[],
): JsonObject[] {
  if (typeof input === 'string') {
    return [{ role: 'user', content: input }];
  }
  const messages: JsonObject[] = [];
  for (const item of input) {
    const type = item.type ?? (item.role ? 'message' : 'without a type');
    switch (type) {
      case 'message':
        messages.push(toMessage(item, missing));
        break;
      case 'function_call':
        addCall(messages, item);
        break;
      case 'function_call_output':
        messages.push({
          role: 'tool',
          tool_call_id: item.call_id,
          content: toOutput(item.output, missing),
        });
        break;
      case 'reasoning':
        // Reasoning is sealed for the model that made it.
        break;
      default:
        missing.push(`items of type ${type} are of OpenAI's own models only.`);
    }
  }
  return messages;
}

function addCall(messages: JsonObject[], item: ResponsesItem): void {
  const call = {
    id: item.call_id,
    type: 'function',
    function: { name: item.name, arguments: item.arguments ?? '{}' },
  };
  const last = messages.at(-1);
  if (last?.role === 'assistant') {
    last.tool_calls = [...((last.tool_calls as unknown[]) ?? []), call];
  } else {
    messages.push({ role: 'assistant', content: null, tool_calls: [call] });
  }
}

function toMessage(item: ResponsesItem, missing: string[]): JsonObject {
  // Not all compatible providers know OpenAI's newer name for system.
  const role = item.role === 'developer' ? 'system' : item.role ?? 'user';
  const content = item.content ?? '';
  if (typeof content === 'string') {
    return { role, content };
  }
  const parts = content.flatMap(part => toPart(part, missing));
  const onlyText = parts.every(part => part.type === 'text');
  return {
    role,
    content: onlyText ? parts.map(part => part.text).join('\n') : parts,
  };
}

/** A tool message holds text only. */
function toOutput(output: ResponsesItem['output'], missing: string[]): string {
  if (typeof output === 'string' || !output) {
    return output ?? '';
  }
  return output
    .flatMap(part => {
      if (part.type !== 'input_text' && part.type !== 'output_text') {
        missing.push('send the outputs of function calls as text.');
        return [];
      }
      return String(part.text ?? '');
    })
    .join('\n');
}

function toPart(part: JsonObject, missing: string[]): JsonObject[] {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return [{ type: 'text', text: part.text ?? '' }];
    case 'refusal':
      return [{ type: 'text', text: part.refusal ?? '' }];
    case 'input_image':
      if (typeof part.image_url === 'string') {
        const { image_url: url, detail } = part;
        return [
          {
            type: 'image_url',
            image_url: { url, ...(detail ? { detail } : {}) },
          },
        ];
      }
      missing.push('send images in `image_url`, as a URL or as data.');
      return [];
    case 'input_file':
      if (typeof part.file_data === 'string') {
        const { filename, file_data: data } = part;
        return [
          {
            type: 'file',
            file: { filename: filename ?? 'file', file_data: data },
          },
        ];
      }
      missing.push('send files in `file_data`, not by URL or id.');
      return [];
    case 'input_audio':
      return [{ type: 'input_audio', input_audio: part.input_audio }];
    default:
      missing.push(`parts of type ${part.type} are of OpenAI's models only.`);
      return [];
  }
}
