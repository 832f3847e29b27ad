import { askText, declineText, smallTalkText } from './answer/about';
import { composeAnswer, sourcesOf } from './answer/compose';
import { structuredAnswer } from './answer/structured';
import { readTool } from './cards/card';
import { ToolIndex } from './cards/toolIndex';
import { smallTalkOf } from './conversation/smallTalk';
import { readConversation, type Turn } from './conversation/turns';
import { Planner } from './plan/planner';
import type { Schema } from './slots/slot';
import { createReader, type Reading } from './text/reading';
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

/** More tools than this are not looked at. */
const MOST_TOOLS = 256;
/** Characters of the system message in which today's date is looked for. */
const MOST_SYSTEM = 20_000;

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

/** The day that the application says it is, which goes before the clock of this machine. */
function todayIn(system: string): Date | undefined {
  const day = system
    .slice(0, MOST_SYSTEM)
    .match(
      /(?:today|date|heute|datum|今天|日期|aujourd|hoy|fecha)[^\n]{0,40}?(\d{4}-\d\d-\d\d)/iu,
    )?.[1];
  const time = Date.parse(`${day}T12:00:00Z`);
  return Number.isNaN(time) ? undefined : new Date(time);
}

function replyTo(request: ParsedRequest, clock: Date): Reply {
  const { turns, system } = readConversation(request.messages);
  const read = createReader(todayIn(system) ?? clock);
  const { tools, mode } = allowedTools(request);
  const definitions = (request.tools ?? []).slice(0, MOST_TOOLS);
  const cards = definitions.map(readTool);
  const allowed = new Set(tools.map(tool => tool.function.name));
  const planner = new Planner(
    new ToolIndex(cards.filter(card => allowed.has(card.name))),
    read,
  );
  const turn: Turn = turns[turns.length - 1] ?? { question: '', calls: [] };
  const { language } = read(turn.question);
  const answered = (text: string): Reply =>
    formatted(text, request, turn, read);

  const talk = turn.calls.length ? undefined : smallTalkOf(turn.question);
  if (talk && mode !== 'required') return answered(smallTalkText(talk, cards));
  if (mode === 'none') {
    return answered(
      turn.calls.length
        ? composeAnswer(turn, cards, [], read)
        : declineText(cards, language),
    );
  }
  const next = planner.next(turns);
  if (mode === 'required' && next.kind !== 'call') {
    const call = planner.forced(turns);
    return call
      ? { kind: 'calls', calls: [call] }
      : answered(declineText(cards, language));
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
      return answered(askText(next.card, next.missing, language));
    case 'answer':
      return answered(composeAnswer(turn, cards, next.goals, read));
    default:
      return answered(
        declineText(cards, language, !read(turn.question).act?.changes),
      );
  }
}

function formatted(
  text: string,
  request: ParsedRequest,
  turn: Turn,
  read: (text: string) => Reading,
): Reply {
  const format = request.response_format;
  if (!format || format.type === 'text') return { kind: 'text', text };
  if (format.type === 'json_object')
    return {
      kind: 'text',
      text: JSON.stringify({ answer: text, sources: sourcesOf(turn) }),
    };
  const schema = (format.json_schema?.schema ?? {}) as Schema;
  const result = structuredAnswer(schema, turn, text, read);
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
