import { askText, declineText, smallTalkText } from './answer/about';
import { composeAnswer } from './answer/compose';
import { structuredAnswer } from './answer/structured';
import type { Schema } from './arguments/parameter';
import { smallTalkOf } from './conversation/smallTalk';
import { readConversation, type Turn } from './conversation/turns';
import { contextFor, readinessOf } from './tools/readiness';
import { readTool } from './tools/card';
import { goalOf } from './tools/goal';
import { planNext, type Plan } from './tools/plan';
import { indexTools, relevanceOf, type ToolIndex } from './tools/relevance';
import { chunksOf, type ChatCompletionChunk } from './wire/chunks';
import {
  completionOf,
  type ChatCompletion,
  type Reply,
} from './wire/completion';
import {
  parseRequest,
  type ChatRequest,
  type ParsedRequest,
} from './wire/request';

/** The model's id. @public */
export const EXTRACTIVE_MODEL_ID = 'builtin/extractive';

/**
 * Options of one call.
 *
 * @public
 */
export interface CallOptions {
  /** Ends the call early: `complete` rejects and `stream` throws with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * A model without a neural network. It picks a tool by the words of the request, fills the tool's arguments from the
 * conversation by its JSON Schema, and composes the answer from what tools gave back. Text in tool results is only
 * ever data: nothing in it is followed.
 *
 * @public
 */
export interface ExtractiveModel {
  /** Answers an OpenAI chat completions request. Throws {@link InvalidRequestError} when it cannot be read. */
  complete(
    request: ChatRequest,
    options?: CallOptions,
  ): Promise<ChatCompletion>;
  /** The same as chunks; the last one carries the usage when `stream_options.include_usage` is set. */
  stream(
    request: ChatRequest,
    options?: CallOptions,
  ): AsyncIterable<ChatCompletionChunk>;
}

/**
 * Settings of {@link createExtractiveModel}.
 *
 * @public
 */
export interface ExtractiveModelOptions {
  /** The time that words such as "last month" are read against. Default: the clock. */
  now?: () => Date;
}

function allowedTools(request: ParsedRequest) {
  const tools = request.tools ?? [];
  const choice = request.tool_choice;
  if (!choice || typeof choice === 'string')
    return { tools, mode: choice ?? 'auto' };
  if ('function' in choice) {
    const name = (choice.function as { name: string }).name;
    return {
      tools: tools.filter(tool => tool.function.name === name),
      mode: 'required',
    };
  }
  const { mode, tools: listed } = (choice.allowed_tools ?? {}) as {
    mode?: string;
    tools?: { function?: { name?: string } }[];
  };
  const names = new Set((listed ?? []).map(tool => tool.function?.name));
  return {
    tools: tools.filter(tool => names.has(tool.function.name)),
    mode: mode ?? 'auto',
  };
}

/** When the last turn only asked for a missing value, its question and the reply to it are one request. */
function joinReply(
  turns: Turn[],
  plan: (turns: Turn[]) => Plan,
  index: ToolIndex,
  now: Date,
  system: string,
): Turn[] {
  const [previous, current] = turns.slice(-2);
  if (
    !current ||
    !previous ||
    previous.calls.length ||
    previous.answer === undefined
  )
    return turns;
  const before = plan(turns.slice(0, -1));
  if (before.kind !== 'ask') return turns;
  const fresh = goalOf(current.question, [current], index, now, {
    system,
    whole: current.question,
  });
  if (fresh && fresh.card !== before.card && fresh.score > 2.5) return turns;
  const kinds = before.missing.map(parameter => parameter.kind);
  const reply = current.question.trim();
  let said = reply;
  if (kinds.length === 1 && kinds[0] === 'note') said = `note: ${reply}`;
  if (
    kinds.length === 1 &&
    kinds[0] === 'phrase' &&
    reply.split(/\s+/).length <= 4
  )
    said = `"${reply}"`;
  return [
    ...turns.slice(0, -2),
    {
      ...current,
      question: `${previous.question.trim().replace(/[.?!]$/, '')}, ${said}`,
    },
  ];
}

function forcedCall(
  turns: Turn[],
  index: ToolIndex,
  now: Date,
): Reply | undefined {
  const question = turns[turns.length - 1]?.question ?? '';
  const ranked = index.cards
    .map(card => {
      const ready = readinessOf(
        card,
        question,
        turns,
        contextFor(card, index, now),
      );
      return {
        card,
        ready,
        score:
          relevanceOf(question, card, ready.filling, index).score -
          ready.missing.length,
      };
    })
    .sort((a, b) => b.score - a.score);
  const [best] = ranked;
  return (
    best && {
      kind: 'calls',
      calls: [{ name: best.card.name, arguments: best.ready.arguments }],
    }
  );
}

function replyTo(request: ParsedRequest, now: Date): Reply {
  const conversation = readConversation(request.messages);
  const { tools, mode } = allowedTools(request);
  const everything = indexTools((request.tools ?? []).map(readTool));
  const names = new Set(tools.map(tool => tool.function.name));
  const index =
    tools.length === everything.cards.length
      ? everything
      : indexTools(everything.cards.filter(card => names.has(card.name)));
  const plan = (turns: Turn[]) =>
    planNext(turns, conversation.system, index, now);
  const turns = joinReply(
    conversation.turns,
    plan,
    index,
    now,
    conversation.system,
  );
  const turn: Turn = turns[turns.length - 1] ?? { question: '', calls: [] };
  const answered = (text: string): Reply => formatted(text, request, turn, now);

  const talk = turn.calls.length ? undefined : smallTalkOf(turn.question);
  if (talk && mode !== 'required')
    return answered(smallTalkText(talk, everything.cards));
  if (mode === 'none') {
    return answered(
      turn.calls.length
        ? composeAnswer(turn, everything.cards, [])
        : declineText(everything.cards),
    );
  }
  const next = plan(turns);
  if (mode === 'required' && next.kind !== 'call') {
    return (
      forcedCall(turns, index, now) ?? answered(declineText(everything.cards))
    );
  }
  switch (next.kind) {
    case 'call':
      return {
        kind: 'calls',
        calls:
          request.parallel_tool_calls === false
            ? next.calls.slice(0, 1)
            : next.calls,
      };
    case 'ask':
      return answered(askText(next.card, next.missing));
    case 'answer':
      return answered(composeAnswer(turn, everything.cards, next.goals));
    default:
      return answered(declineText(everything.cards));
  }
}

function formatted(
  text: string,
  request: ParsedRequest,
  turn: Turn,
  now: Date,
): Reply {
  const format = request.response_format;
  if (!format || format.type === 'text') return { kind: 'text', text };
  if (format.type === 'json_object') {
    const sources = [...new Set(turn.calls.map(call => call.name))];
    return { kind: 'text', text: JSON.stringify({ answer: text, sources }) };
  }
  const schema = (format.json_schema?.schema ?? {}) as Schema;
  const result = structuredAnswer(schema, turn, text, now);
  return result.kind === 'object'
    ? { kind: 'text', text: JSON.stringify(result.value) }
    : {
        kind: 'refusal',
        reason: `I do not know ${result.missing.join(
          ', ',
        )}, and I do not invent values.`,
      };
}

/**
 * Creates the model. It holds no state between calls.
 *
 * @public
 */
export function createExtractiveModel(
  options: ExtractiveModelOptions = {},
): ExtractiveModel {
  const now = options.now ?? (() => new Date());
  const answer = (request: ChatRequest, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    const parsed = parseRequest(request);
    return {
      parsed,
      completion: completionOf(
        replyTo(parsed, now()),
        parsed,
        EXTRACTIVE_MODEL_ID,
      ),
    };
  };
  return {
    async complete(request, call = {}) {
      return answer(request, call.signal).completion;
    },
    async *stream(request, call = {}) {
      const { parsed, completion } = answer(request, call.signal);
      for (const chunk of chunksOf(
        completion,
        parsed.stream_options?.include_usage ?? false,
      )) {
        call.signal?.throwIfAborted();
        yield chunk;
      }
    },
  };
}
