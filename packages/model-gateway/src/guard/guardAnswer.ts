import type { AnswerChunk, WholeAnswer } from '../providers/ModelProvider';
import type { Answer } from '../stages/begin';
import type { AnswerPart, GuardedCall, TextMask } from './CallGuard';
import { ChatPieces, maskCompletion } from './chatAnswers';
import { maskMessage, MessagePieces } from './messageAnswers';
import { maskResponse, ResponsePieces } from './responseAnswers';

/** Opens masks; each text of an answer has its own. */
export type OpenMask = (kind: AnswerPart) => TextMask;

/** Rewrites the chunks of one answer. */
export interface GuardedPieces {
  /** What goes to the caller for a chunk. */
  next(chunk: AnswerChunk): Promise<AnswerChunk[]>;
  /** What was held back, when the stream has ended well. */
  end(): Promise<AnswerChunk[]>;
}

/** The answer as its caller may have it, in whatever format it comes. */
export async function guardAnswer(
  answer: Answer,
  guarded: GuardedCall | undefined,
): Promise<Answer> {
  const open = guarded?.answer?.bind(guarded);
  if (!guarded || !open) {
    return answer;
  }
  if (answer.kind === 'stream') {
    return { kind: 'stream', chunks: guardChunks(answer.chunks, open) };
  }
  if (answer.kind === 'bytes') {
    return answer;
  }
  const { whole } = answer;
  return {
    kind: 'whole',
    whole: { ...whole, body: await maskWhole(whole, open) },
  };
}

async function* guardChunks(
  chunks: AsyncIterable<AnswerChunk>,
  open: OpenMask,
): AsyncGenerator<AnswerChunk> {
  let pieces: GuardedPieces | undefined;
  for await (const chunk of chunks) {
    pieces ??= piecesOf(chunk, open);
    yield* await pieces.next(chunk);
  }
  // A stream that breaks throws, and what was held back is not told.
  yield* (await pieces?.end()) ?? [];
}

function piecesOf({ format }: AnswerChunk, open: OpenMask): GuardedPieces {
  switch (format) {
    case 'anthropic-messages':
      return new MessagePieces(open);
    case 'openai-responses':
      return new ResponsePieces(open);
    default:
      return new ChatPieces(open);
  }
}

function maskWhole(
  { body, format }: WholeAnswer,
  open: OpenMask,
): Promise<string> {
  switch (format) {
    case 'anthropic-messages':
      return maskMessage(body, open);
    case 'openai-responses':
      return maskResponse(body, open);
    default:
      return maskCompletion(body, open);
  }
}

/** A text that has come whole. */
export async function masked(
  text: string,
  kind: AnswerPart,
  open: OpenMask,
): Promise<string> {
  const mask = open(kind);
  return (await mask.push(text)) + (await mask.end());
}

/** A chunk that says something else. */
export function withJson(
  chunk: AnswerChunk,
  json: AnswerChunk['json'],
): AnswerChunk {
  return { ...chunk, json, data: JSON.stringify(json) };
}
