import { invalidRequest } from '../../errors';
import type { JsonObject } from '../ModelProvider';

/** A message of OpenAI's chat form. */
export interface ChatMessage {
  role?: string;
  content?: unknown;
  tool_calls?: ToolCall[];
  tool_call_id?: string;
}

/**
 * Gemini seals its thoughts in a signature that it wants back with the call. It
 * goes the way that Google's own OpenAI-compatible endpoint sends it.
 */
interface ToolCall {
  id?: string;
  function?: { name?: string; arguments?: string };
  extra_content?: { google?: { thought_signature?: string } };
}

/**
 * What Google lets stand for a signature that a client has lost; without one
 * Gemini 3 refuses a call in the conversation.
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** Neighbours of one role become one turn. */
export function toContents(
  messages: ChatMessage[],
  modelId: string,
): JsonObject[] {
  const nameOf = new Map(
    messages
      .flatMap(message => message.tool_calls ?? [])
      .map(call => [call.id, call.function?.name]),
  );
  const contents: Array<{ role: string; parts: JsonObject[] }> = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts =
      message.role === 'tool'
        ? [toResponse(message, nameOf.get(message.tool_call_id))]
        : [
            ...toParts(message.content),
            ...(message.tool_calls ?? []).map((call, index) =>
              toCall(call, index === 0 && modelId.startsWith('gemini-3')),
            ),
          ];
    const last = contents.at(-1);
    if (last?.role === role) {
      last.parts.push(...parts);
    } else if (parts.length > 0) {
      contents.push({ role, parts });
    }
  }
  return contents;
}

function toCall(call: ToolCall, needsSignature: boolean): JsonObject {
  const signature =
    call.extra_content?.google?.thought_signature ??
    (needsSignature ? NO_SIGNATURE : undefined);
  return {
    functionCall: {
      ...(call.id && { id: call.id }),
      name: call.function?.name,
      args: parseArguments(call.function?.arguments),
    },
    ...(signature && { thoughtSignature: signature }),
  };
}

function toResponse(message: ChatMessage, name: string | undefined) {
  if (!name) {
    throw invalidRequest(
      `The tool message for ${message.tool_call_id} answers no tool call in \`messages\`.`,
    );
  }
  const text = toParts(message.content)
    .map(part => part.text ?? '')
    .join('\n');
  return {
    functionResponse: {
      id: message.tool_call_id,
      name,
      response: asObject(text),
    },
  };
}

/** Gemini wants an object as the result of a function. */
function asObject(text: string): JsonObject {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as JsonObject)
      : { result: json };
  } catch {
    return { result: text };
  }
}

function parseArguments(text: string | undefined): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    throw invalidRequest(
      'The arguments of a tool call in `messages` are not JSON.',
    );
  }
}

/** Text, pictures, sounds and files; those come inline. */
export function toParts(content: unknown): JsonObject[] {
  if (typeof content === 'string') {
    return content === '' ? [] : [{ text: content }];
  }
  if (!Array.isArray(content)) {
    return [];
  }
  return (content as JsonObject[]).map(part => {
    switch (part.type) {
      case 'text':
        return { text: part.text };
      case 'image_url':
        return toInline((part.image_url as JsonObject | undefined)?.url);
      case 'file':
        return toInline((part.file as JsonObject | undefined)?.file_data);
      case 'input_audio': {
        const audio = part.input_audio as JsonObject | undefined;
        return {
          inlineData: {
            mimeType: `audio/${audio?.format ?? 'wav'}`,
            data: audio?.data,
          },
        };
      }
      default:
        throw invalidRequest(
          `Gemini models do not take message parts of type ${part.type}; send text, images, audio or files.`,
        );
    }
  });
}

function toInline(url: unknown): JsonObject {
  const inline =
    typeof url === 'string' && /^data:([^;,]+);base64,(.*)$/s.exec(url);
  if (!inline) {
    throw invalidRequest(
      'Gemini models take images and files as data URLs, not by address or id.',
    );
  }
  return { inlineData: { mimeType: inline[1], data: inline[2] } };
}
