import type { GatewayModel } from '../directory/model';
import { GatewayError, ownFault } from '../errors';
import type { AttemptStart } from '../ports';
import type { ModelKey, PriceBook } from '../prices/PriceBook';
import type { ServedTiers } from '../prices/ServedTiers';
import type { ProviderType } from '../providers/ModelProvider';
import type { UnpricedModels } from '../prices/UnpricedModels';
import type { PassedOn } from '../passthrough/PassedOn';
import { isSameModel } from '../usage/served';
import type { TokenUsage } from '../usage/tokenUsage';
import { NO_USAGE } from '../usage/units';
import { Attempt, type AttemptOptions } from './Attempt';
import type { ModelRequest } from './readRequest';
import type { Caller } from '../ports';
import type { CallObservation } from '../telemetry/CallObservation';
import { type Compression, withCompression } from './compress';
import type { GatewayParts } from './GatewayParts';
import {
  boundsOf,
  type CostBound,
  coversCall,
  DEFAULT_OUTPUT_CAP,
  mostTokens,
} from './hold';
import type { Operation, Plan } from './route';
import type { CallContext } from './tryModel';

/** What the attempts of a call say of it when they are written down. */
export function startAttempts<TGrant>(
  parts: GatewayParts<TGrant>,
  call: {
    callId: string;
    caller: Caller<TGrant>;
    compression?: Compression;
    operation: Operation;
    plan: Plan;
    /** As the caller wrote it. */
    received: ModelRequest;
    /** As it is sent. */
    request: ModelRequest;
    seen: CallObservation;
  },
): CallContext['openAttempt'] {
  const { clock, directory, ledger, late, limits, logger, routing } = parts;
  const { callId, caller, compression, operation, plan, request } = call;
  const savingsOf = parts.routing.savingsOf(plan);
  return (model, { number, role, reason }) => {
    const provider = directory.provider(model.provider);
    const keyOf = ({ id, modelId }: GatewayModel): ModelKey => ({
      id,
      modelId,
      publisher: provider?.publisher,
    });
    const key = keyOf(model);
    const price = parts.priceBook.priceOf(key);
    return openAttempt({
      ledger,
      clock,
      logger,
      late,
      observe: call.seen.attempt({
        operation,
        model,
        provider,
        request: call.received,
        sessionId: caller.settings?.sessionId,
      }),
      priceOfOther: told => {
        const other = directory.model(`${model.provider}/${told}`);
        return other &&
          other.id !== model.id &&
          !isSameModel(told, model.modelId)
          ? parts.priceBook.priceOf(keyOf(other))
          : undefined;
      },
      savingsOf: withCompression(savingsOf, compression, price),
      request,
      operation,
      model: withSizes(model, parts.priceBook, key, provider?.type),
      usualOutput: routing.health.of(model).outputTokens,
      outputCap: limits.outputCap ?? DEFAULT_OUTPUT_CAP,
      mostMs: limits.callTimeoutMs,
      unpriced: parts.unpriced,
      tiers: parts.tiers,
      price,
      start: {
        id: `${callId}-${number}`,
        callId,
        attempt: number,
        createdAt: clock.now(),
        provider: model.provider,
        model: model.id,
        route: plan.route,
        account: caller.account,
        role,
        reason,
        features: plan.features,
      },
    });
  };
}

/** An attempt that is written down, and what it must be kept to. */
export interface OpenedAttempt {
  attempt: Attempt;
  /** The provider must be told to answer with no more tokens. */
  outputCap?: number;
  /** The longest answer of the model, where it is known; what is held is for that. */
  maxOutputTokens?: number;
  /** The price goes by characters, pictures or seconds rather than by tokens. */
  isPricedByUnit?: boolean;
  /** What a caller should know of it, as a sentence. */
  note?: string;
}

/**
 * Writes an attempt down with the most that it can cost and, where budgets apply,
 * holds that on all of them. A budget that has no room for the longest answer gets a
 * chance with a shorter one before it refuses.
 */
export async function openAttempt(
  options: Omit<AttemptOptions, 'start' | 'requestBytes'> & {
    start: Omit<AttemptStart, 'boundNanoUsd'>;
    request: ModelRequest;
    operation: Operation;
    model: GatewayModel;
    outputCap: number;
    mostMs: number;
    usualOutput?: number;
    unpriced: UnpricedModels;
    /** What is known of service tiers that nobody asked for. */
    tiers?: ServedTiers;
  },
): Promise<OpenedAttempt> {
  const { request, operation, model, outputCap, start, unpriced, ...more } =
    options;
  const { mostMs, tiers, usualOutput, ...rest } = more;
  const { body, native, passed } = request;
  const nativeText = native?.text;
  const isPricedByUnit =
    passed?.unit !== undefined &&
    rest.price?.units?.[passed.unit] !== undefined;
  const requestBytes = Math.max(
    passed?.bytes ?? Buffer.byteLength(request.text),
    Buffer.byteLength(nativeText ?? ''),
  );
  const open = (bound?: Partial<CostBound>, isFirstTry = false) =>
    Attempt.open({
      ...rest,
      requestBytes,
      mostTokens: mostTokens({ body, model, requestBytes }),
      mostAfter: bound?.after,
      likely: passed && likelyOf(passed, isPricedByUnit),
      mostUnits: passed && believableUnits(passed),
      onTier: tiers?.listener(model.id, { body, nativeText }),
      start: {
        ...start,
        // What costs nothing needs no room.
        boundNanoUsd: bound?.nanoUsd || undefined,
        boundTokens: bound?.tokens,
        ...(isFirstTry && { isFirstTry }),
      },
    });
  const limited = isLimited(options);
  const isBounded = typeof limited === 'boolean' ? limited : await limited;
  if (!coversCall(rest.price, passed?.unit)) {
    unpriced.note(model.id);
    if (unpriced.refuses && isBounded && isBudgeted(options)) {
      throw unpriced.refusal(model.id);
    }
  }
  const { maxOutputTokens } = model;
  const bounds = boundsOf({
    operation,
    passed,
    model,
    mostMs,
    outputCap,
    usualOutput,
    requestBytes,
    body,
    nativeText,
    opaque: native?.untranslatable !== undefined,
    unaskedTiers: tiers?.unasked(model.id),
    price: rest.price,
  });
  for (const [index, bound] of bounds.entries()) {
    // Where nothing is held, the bound is what the call is booked at if nobody sees its end.
    if (bound.nanoUsd === 0 || !isBounded) {
      return { attempt: await open(bound), maxOutputTokens, isPricedByUnit };
    }
    const last = index === bounds.length - 1;
    try {
      return {
        attempt: await open(bound, !last),
        maxOutputTokens,
        isPricedByUnit,
        outputCap: bound.outputCap,
        note:
          index > 0
            ? `A budget has room for an answer of at most ${bound.outputCap} tokens, so it is cut there.`
            : undefined,
      };
    } catch (error) {
      if (last || ownFault(error).code !== 'budget_exceeded') {
        throw error;
      }
    }
  }
  throw new Error('There is at least one bound');
}

/** What is paid by the piece has tokens that nobody counts. */
function likelyOf({ likely, unit }: PassedOn, isPricedByUnit: boolean) {
  return isPricedByUnit && unit
    ? { ...NO_USAGE, [unit]: likely[unit] }
    : likely;
}

function believableUnits({ believable, most, unit }: PassedOn): TokenUsage {
  return unit && believable ? { ...most, [unit]: believable } : most;
}

/** A limit of the rate alone takes no price. */
function isBudgeted({
  ledger,
  start,
}: {
  ledger: AttemptOptions['ledger'];
  start: Omit<AttemptStart, 'boundNanoUsd'>;
}): boolean {
  return ledger.isBudgeted?.(start.account, start.model) ?? true;
}

/** What the lists of prices know of a model's sizes, where its provider does not tell. */
function withSizes(
  model: GatewayModel,
  priceBook: PriceBook,
  key: ModelKey,
  type: ProviderType | undefined,
): GatewayModel {
  if (model.maxOutputTokens && model.contextWindow) {
    return model;
  }
  const imported = priceBook.imported(key);
  const published = priceBook.published(key);
  return {
    ...model,
    maxOutputTokens:
      model.maxOutputTokens ??
      imported?.maxOutputTokens ??
      // Anthropic's API wants to be told, so such a model is told this.
      (type === 'anthropic' ? DEFAULT_OUTPUT_CAP : undefined),
    contextWindow:
      model.contextWindow ??
      published?.contextWindow ??
      imported?.contextWindow,
  };
}

/** Answers at once when the ledger does, which is most of the time. */
function isLimited(options: {
  ledger: AttemptOptions['ledger'];
  start: Omit<AttemptStart, 'boundNanoUsd'>;
}): boolean | Promise<boolean> {
  const { ledger, start } = options;
  const limited = ledger.isLimited?.(start.account, start.model) ?? false;
  return typeof limited === 'boolean'
    ? limited
    : limited.catch(error => {
        // Not to know the budgets is not to have none.
        throw new GatewayError(
          503,
          'ledger_unavailable',
          'The budgets cannot be read, so the call is not made; try again in a moment.',
          { cause: error },
        );
      });
}
