import type {
  AnswerChunk,
  JsonObject,
  WholeAnswer,
} from '../providers/ModelProvider';
import { toOpenAiUsage } from '../usage/openAiUsage';
import { NO_USAGE } from '../usage/units';
import type { TextAnswer } from './textAnswer';

const CHUNK_CHARS = 200;

/** Whose answer is told again, and in which call. */
interface Replayed {
  callId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Named when the answer does not tell its model. */
  model: string;
  finishReason?: 'stop' | 'content_filter';
}

/** A remembered answer as if a model had just given it. */
export function replayWhole(answer: TextAnswer, call: Replayed): WholeAnswer {
  return {
    body: JSON.stringify({
      ...head(answer, call, 'chat.completion'),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: answer.text, refusal: null },
          logprobs: null,
          finish_reason: call.finishReason ?? 'stop',
        },
      ],
      usage: { ...toOpenAiUsage(NO_USAGE), cost_nano_usd: 0 },
    }),
    usage: NO_USAGE,
    textBytes: 0,
  };
}

/** The same in pieces, for callers that read a stream. */
export async function* replayChunks(
  answer: TextAnswer,
  call: Replayed,
): AsyncGenerator<AnswerChunk> {
  const chunk = (delta: JsonObject, finish: string | null): AnswerChunk => {
    const json: JsonObject = {
      ...head(answer, call, 'chat.completion.chunk'),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    };
    return {
      data: JSON.stringify(json),
      json,
      usage: NO_USAGE,
      usageOnly: false,
      textBytes: 0,
    };
  };
  yield chunk({ role: 'assistant', content: '' }, null);
  for (const piece of piecesOf(answer.text)) {
    yield chunk({ content: piece }, null);
  }
  yield chunk({}, call.finishReason ?? 'stop');
}

function head(answer: TextAnswer, call: Replayed, object: string): JsonObject {
  return {
    id: `chatcmpl-${call.callId}`,
    object,
    created: Math.floor(call.createdAt / 1000),
    model: answer.model ?? call.model,
  };
}

/** Cuts between words, so never through a character. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const word of text.split(/(?<=\s)/u)) {
    piece += word;
    if (piece.length >= CHUNK_CHARS) {
      pieces.push(piece);
      piece = '';
    }
  }
  return piece ? [...pieces, piece] : pieces;
}
