import { randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import { GatewayError } from '../../errors';
import type { ServerSentEvent } from '../../http/serverSentEvents';
import { toOpenAiUsage } from '../../usage/openAiUsage';
import type { ServedAs } from '../../usage/served';
import type { AnswerChunk, JsonObject, WholeAnswer } from '../ModelProvider';
import { textBytesOf } from '../openAiChunks';
import { readGeminiServed, readGeminiUsage } from './usage';

const answerSchema = z.looseObject({
  responseId: z.string().optional(),
  modelVersion: z.string().optional(),
  candidates: z
    .array(
      z.looseObject({
        finishReason: z.string().optional(),
        content: z
          .looseObject({
            parts: z
              .array(
                z.looseObject({
                  text: z.string().optional(),
                  thought: z.boolean().optional(),
                  thoughtSignature: z.string().optional(),
                  functionCall: z
                    .looseObject({
                      id: z.string().optional(),
                      name: z.string(),
                      args: z.unknown(),
                    })
                    .optional(),
                }),
              )
              .optional(),
          })
          .optional(),
      }),
    )
    .optional(),
  promptFeedback: z
    .looseObject({ blockReason: z.string().optional() })
    .optional(),
  usageMetadata: z.looseObject({}).optional(),
});

type GeminiAnswer = z.infer<typeof answerSchema>;

/** What an answer is to be headed with. */
export interface AnswerHeading {
  provider: string;
  modelId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** Translates Gemini's whole answer to OpenAI's chat completion. */
export function toCompletion(
  heading: AnswerHeading,
  json: unknown,
): WholeAnswer {
  const answer = parse(heading.provider, json);
  const said = readSaid(answer);
  const usage = readGeminiUsage(answer.usageMetadata);
  const body: JsonObject = {
    ...head(heading, answer, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: said.content || (said.calls.length > 0 ? null : ''),
          refusal: null,
          ...(said.thoughts && { reasoning_content: said.thoughts }),
          ...(said.calls.length > 0 && { tool_calls: said.calls }),
        },
        logprobs: null,
        finish_reason: toFinishReason(answer, said.calls.length > 0) ?? 'stop',
      },
    ],
    ...(usage && { usage: toOpenAiUsage(usage) }),
  };
  return {
    body: JSON.stringify(body),
    usage,
    ...readGeminiServed(answer.usageMetadata),
    textBytes: textBytesOf(body, 'message'),
  };
}

/**
 * Translates Gemini's stream to OpenAI's chunks. Each of its events is an answer
 * with a piece of the text; usage is told with each and holds for all so far.
 */
export async function* toChunks(
  heading: AnswerHeading,
  events: AsyncIterable<ServerSentEvent>,
): AsyncGenerator<AnswerChunk> {
  let calls = 0;
  let finished = false;
  let last: { answer: GeminiAnswer; usage: AnswerChunk['usage'] } | undefined;
  for await (const { data } of events) {
    const answer = parse(heading.provider, readJson(heading.provider, data));
    const said = readSaid(answer);
    const numbered = numberedFrom(calls, said.calls);
    calls += numbered.length;
    const finishReason = toFinishReason(answer, calls > 0);
    finished ||= finishReason !== null;
    const usage = readGeminiUsage(answer.usageMetadata) ?? last?.usage;
    const delta = {
      ...(!last && { role: 'assistant' }),
      content: said.content,
      ...(said.thoughts && { reasoning_content: said.thoughts }),
      ...(numbered.length > 0 && { tool_calls: numbered }),
    };
    last = { answer, usage };
    yield toChunk(
      {
        ...head(heading, answer, 'chat.completion.chunk'),
        choices: [{ index: 0, delta, finish_reason: finishReason }],
      },
      usage,
      readGeminiServed(answer.usageMetadata),
      false,
    );
  }
  if (!finished) {
    throw new GatewayError(
      502,
      'provider_stream_cut',
      `The provider ${heading.provider} broke off in the middle of its answer; try again.`,
    );
  }
  if (last?.usage) {
    yield toChunk(
      {
        ...head(heading, last.answer, 'chat.completion.chunk'),
        choices: [],
        usage: toOpenAiUsage(last.usage),
      },
      last.usage,
      readGeminiServed(last.answer.usageMetadata),
      true,
    );
  }
}

function numberedFrom(first: number, calls: object[]): object[] {
  return calls.map((call, index) => ({ index: first + index, ...call }));
}

function toChunk(
  json: JsonObject,
  usage: AnswerChunk['usage'],
  served: ServedAs,
  usageOnly: boolean,
): AnswerChunk {
  return {
    json,
    data: JSON.stringify(json),
    usage,
    ...served,
    usageOnly,
    textBytes: textBytesOf(json, 'delta'),
  };
}

function head(heading: AnswerHeading, answer: GeminiAnswer, object: string) {
  return {
    id: answer.responseId ?? 'gemini',
    object,
    created: Math.floor(heading.createdAt / 1000),
    model: answer.modelVersion ?? heading.modelId,
  };
}

function readSaid(answer: GeminiAnswer) {
  const parts = answer.candidates?.[0]?.content?.parts ?? [];
  const text = (thought: boolean) =>
    parts
      .filter(part => Boolean(part.thought) === thought)
      .map(part => part.text ?? '')
      .join('');
  const calls = parts
    .filter(part => part.functionCall)
    .map(part => ({
      // Gemini does not always name its calls; OpenAI's clients need a name.
      id: part.functionCall!.id ?? `call_${randomUUID()}`,
      type: 'function',
      function: {
        name: part.functionCall!.name,
        arguments: JSON.stringify(part.functionCall!.args ?? {}),
      },
      ...(part.thoughtSignature && {
        extra_content: { google: { thought_signature: part.thoughtSignature } },
      }),
    }));
  return { content: text(false), thoughts: text(true), calls };
}

/** Why Gemini stopped, in OpenAI's words; null while it has not. */
function toFinishReason(answer: GeminiAnswer, calls: boolean): string | null {
  if (answer.promptFeedback?.blockReason) {
    return 'content_filter';
  }
  const reason = answer.candidates?.[0]?.finishReason;
  switch (reason) {
    case undefined:
    case 'FINISH_REASON_UNSPECIFIED':
      return null;
    case 'STOP':
      return calls ? 'tool_calls' : 'stop';
    case 'MAX_TOKENS':
      return 'length';
    case 'SAFETY':
    case 'RECITATION':
    case 'LANGUAGE':
    case 'BLOCKLIST':
    case 'PROHIBITED_CONTENT':
    case 'SPII':
      return 'content_filter';
    default:
      throw new GatewayError(
        502,
        'provider_bad_answer',
        `Gemini gave up its answer (${reason}); try again.`,
      );
  }
}

function parse(provider: string, json: unknown): GeminiAnswer {
  const parsed = answerSchema.safeParse(json);
  if (
    !parsed.success ||
    !(
      parsed.data.candidates ||
      parsed.data.promptFeedback ||
      parsed.data.usageMetadata
    )
  ) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The provider ${provider} did not answer with Gemini's content; check its base URL.`,
    );
  }
  return parsed.data;
}

function readJson(provider: string, data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The provider ${provider} sent an event that is not JSON.`,
      { cause: error },
    );
  }
}
