import type { GatewayModel } from '../directory/model';
import type { Price } from '../prices/price';
import { ANY_REACH, type PriceReach, reachOf } from '../prices/reach';
import { upperBoundNanoUsd } from '../prices/upperBound';
import type { JsonObject } from '../providers/ModelProvider';
import type { PassedOn } from '../passthrough/PassedOn';
import {
  inputTokens as inputOf,
  outputTokens as outputOf,
} from '../usage/tokenUsage';
import { NO_USAGE, type Unit } from '../usage/units';
import type { Operation } from './route';

/**
 * What a provider may add to the words of a request: the frame of its chat
 * format, and the instructions that come with tools.
 */
const FRAME_TOKENS = 1_000;

/**
 * Input that bytes do not bound (an image by its address, a search that the
 * provider makes) counts as a full context window; this is for models whose
 * window nobody told.
 */
const UNKNOWN_WINDOW_TOKENS = 200_000;

/** Few models have a larger window. */
const LARGE_WINDOW_TOKENS = 500_000;

/** Largest answer, in tokens, where a budget has no room for a longer one. */
export const DEFAULT_OUTPUT_CAP = 4_096;

/** No model writes or thinks faster; the fastest do 2,600 or so. */
const MOST_TOKENS_PER_SECOND = 3_000;

/** What an answer has that nobody knows more of, in tokens. */
const USUAL_OUTPUT = 1_000;
/** Bytes of a request for a token. */
const BYTES_PER_TOKEN = 4;

/** Answers to one request that providers give; OpenAI gives so many. */
const MOST_CHOICES = 128;

/** How often a model may read its window in one call, as when it searches. */
const MOST_READINGS = 4;

/**
 * More tokens than this, read or written, no call can have used. It is wide:
 * providers add words of their own and pass limits at times, and they are paid
 * for it. What lies beyond is a fault or a fraud.
 */
export function mostTokens(options: {
  body: JsonObject;
  requestBytes: number;
  model: GatewayModel;
}): number {
  const { body, model, requestBytes } = options;
  const window = Math.max(model.contextWindow ?? 0, LARGE_WINDOW_TOKENS);
  // Whoever asks for more than there is does not get it, nor is it believed.
  const asked =
    Math.min(askedOutput(body) ?? 0, window) *
    Math.min(wholeNumber(body.n) ?? 1, MOST_CHOICES);
  return Math.max(requestBytes + FRAME_TOKENS, asked, MOST_READINGS * window);
}

/** A limit for one attempt, and what must be true for it to hold. */
export interface CostBound {
  /** Integer nano-USD. */
  nanoUsd: number;
  /**
   * What it is expected to read and write. No bound: limits of the rate are set
   * right when it has ended, and would else let through few of many short calls.
   */
  tokens: number;
  /** The provider must be told to answer with no more tokens than this. */
  outputCap?: number;
  /** The most that it can cost, in nano-USD, once it has gone on for so long. */
  after(ms: number): number;
}

/**
 * The upper bounds that an attempt can be held to, the loosest first: what the
 * caller asked for, or else as long an answer as the model can give, or else,
 * only where a budget has no room for that, an answer cut at `outputCap` tokens.
 */
export function boundsOf(options: {
  operation: Operation;
  /** Set when the request itself says the most that it uses. */
  passed?: PassedOn;
  body: JsonObject;
  requestBytes: number;
  /** The longest that the call may take, for prices that go by time. */
  mostMs: number;
  /** The request in its own format, when that is another than OpenAI's chat. */
  nativeText?: string;
  /** The request has parts that only its own format can say. */
  opaque?: boolean;
  /** Service tiers that it may be served in without asking. */
  unaskedTiers?: readonly string[];
  model: GatewayModel;
  price?: Price;
  outputCap: number;
  /** How many tokens the model's answers have had lately. */
  usualOutput?: number;
}): CostBound[] {
  const { body, model, price, nativeText } = options;
  const inputTokens = inputBound(options);
  const media = options.opaque || bringsMoreThanItsBytes(body);
  const { unaskedTiers } = options;
  const reach = reachOf({ body, nativeText, media, unaskedTiers });
  const choices = Math.max(1, wholeNumber(body.n) ?? 1);
  const most = (outputTokens: number, ms = options.mostMs) =>
    upperBoundNanoUsd(price, {
      inputTokens,
      outputTokens,
      reach,
      units: { ...NO_USAGE, computeSeconds: secondsIn(ms) },
    });
  const expected = (outputTokens: number) =>
    Math.ceil(options.requestBytes / BYTES_PER_TOKEN) +
    Math.min(
      outputTokens,
      Math.ceil(choices * (options.usualOutput ?? USUAL_OUTPUT)),
    );
  const bound = (outputTokens: number, outputCap?: number): CostBound => ({
    nanoUsd: most(outputTokens),
    tokens: expected(outputTokens),
    outputCap,
    after: ms =>
      most(
        Math.min(
          outputTokens,
          Math.ceil(
            (choices * MOST_TOKENS_PER_SECOND * Math.max(0, ms)) / 1000,
          ),
        ),
        ms,
      ),
  });
  const { passed } = options;
  if (passed) {
    const { mostMs } = options;
    return [boundOfPassed(passed, { mostMs, price, reach })];
  }
  if (options.operation === 'embeddings') {
    return [bound(0)];
  }
  const asked = askedOutput(body);
  const largest = model.maxOutputTokens;
  if (asked !== undefined) {
    return [bound(asked * choices)];
  }
  // No answer is longer than what the model reads and writes in all.
  const longest = largest ?? model.contextWindow ?? UNKNOWN_WINDOW_TOKENS;
  const cap = Math.min(options.outputCap, longest);
  const whole = bound(longest * choices);
  return longest > cap ? [whole, bound(cap * choices, cap)] : [whole];
}

/** There is one bound, for such an answer cannot be kept shorter. */
function boundOfPassed(
  { likely, most }: PassedOn,
  {
    mostMs,
    price,
    reach: { serviceTiers },
  }: { mostMs: number; price?: Price; reach: PriceReach },
): CostBound {
  const after = (ms: number) =>
    upperBoundNanoUsd(price, {
      inputTokens: inputOf(most),
      outputTokens: outputOf(most),
      reach: { ...ANY_REACH, serviceTiers },
      units: { ...most, computeSeconds: secondsIn(ms) },
    });
  return {
    nanoUsd: after(mostMs),
    tokens: inputOf(likely) + outputOf(likely),
    after,
  };
}

/**
 * Whether a price says what a call costs: that of a picture says nothing of words,
 * and without it they would be free.
 *
 * @param unit - what the call may be paid by besides tokens
 */
export function coversCall(price: Price | undefined, unit?: Unit): boolean {
  const { input, output, units } = price ?? {};
  return (
    price !== undefined &&
    (!units ||
      units.computeSeconds !== undefined ||
      (unit !== undefined && units[unit] !== undefined) ||
      [input, output].some(rate => rate!.nanoUsdPerMillion > 0))
  );
}

/** Begun seconds count, as in the bill. */
export function secondsIn(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1_000));
}

/** A token is at least one byte of the request, but for what is not in it. */
function inputBound(options: {
  body: JsonObject;
  requestBytes: number;
  opaque?: boolean;
  model: GatewayModel;
}): number {
  const { body, model, opaque } = options;
  const inBytes = options.requestBytes + FRAME_TOKENS;
  return opaque || bringsMoreThanItsBytes(body)
    ? Math.max(inBytes, model.contextWindow ?? UNKNOWN_WINDOW_TOKENS)
    : inBytes;
}

function bringsMoreThanItsBytes(body: JsonObject): boolean {
  if (body.web_search_options) {
    return true;
  }
  const tools = Array.isArray(body.tools) ? body.tools : [];
  if (tools.some(tool => typeOf(tool) !== 'function')) {
    return true;
  }
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return messages.some(message => {
    const content = (message as JsonObject | null)?.content;
    return (
      Array.isArray(content) &&
      content.some(part => !['text', 'refusal'].includes(String(typeOf(part))))
    );
  });
}

function typeOf(value: unknown): unknown {
  return (value as JsonObject | null)?.type;
}

/** Of two limits that a caller gives, providers may take either. */
function askedOutput(body: JsonObject): number | undefined {
  const given = [body.max_completion_tokens, body.max_tokens]
    .map(wholeNumber)
    .filter(value => value !== undefined);
  return given.length > 0 ? Math.max(...given) : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER)
    : undefined;
}
