import type { GatewayModel } from '../directory/model';
import { GatewayError, ownFault } from '../errors';
import type { AttemptStart } from '../ports';
import type { ServedTiers } from '../prices/ServedTiers';
import type { UnpricedModels } from '../prices/UnpricedModels';
import { Attempt, type AttemptOptions } from './Attempt';
import type { ModelRequest } from './readRequest';
import type { Caller } from '../ports';
import type { CallObservation } from '../telemetry/CallObservation';
import { type Compression, withCompression } from './compress';
import type { GatewayParts } from './GatewayParts';
import {
  boundsOf,
  type CostBound,
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
  const { clock, directory, ledger, late, limits, logger } = parts;
  const { callId, caller, compression, operation, plan, request } = call;
  const savingsOf = parts.routing.savingsOf(plan);
  return (model, { number, role, reason }) => {
    const provider = directory.provider(model.provider);
    const price = parts.priceBook.priceOf({
      id: model.id,
      modelId: model.modelId,
      publisher: provider?.publisher,
    });
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
      savingsOf: withCompression(savingsOf, compression, price),
      request,
      operation,
      model,
      outputCap: limits.outputCap ?? DEFAULT_OUTPUT_CAP,
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
  /** What a caller should know of it, as a sentence. */
  note?: string;
}

/**
 * Writes an attempt down and, where budgets apply, holds the most that it can
 * cost on all of them. A budget that has no room for the longest answer gets a
 * chance with a shorter one before it refuses.
 */
export async function openAttempt(
  options: Omit<AttemptOptions, 'start' | 'requestBytes'> & {
    start: Omit<AttemptStart, 'boundNanoUsd'>;
    request: ModelRequest;
    operation: Operation;
    model: GatewayModel;
    outputCap: number;
    unpriced: UnpricedModels;
    /** What is known of service tiers that nobody asked for. */
    tiers?: ServedTiers;
  },
): Promise<OpenedAttempt> {
  const { request, operation, model, outputCap, start, unpriced, ...more } =
    options;
  const { tiers, ...rest } = more;
  const { body, native } = request;
  const nativeText = native?.text;
  const requestBytes = Math.max(
    Buffer.byteLength(request.text),
    Buffer.byteLength(nativeText ?? ''),
  );
  const open = (bound?: Partial<CostBound>) =>
    Attempt.open({
      ...rest,
      requestBytes,
      mostTokens: mostTokens({ body, model, requestBytes }),
      onTier: tiers?.listener(model.id, { body, nativeText }),
      start: {
        ...start,
        // What costs nothing needs no room.
        boundNanoUsd: bound?.nanoUsd || undefined,
        boundTokens: bound?.tokens,
      },
    });
  const limited = isLimited(options);
  const isBounded = typeof limited === 'boolean' ? limited : await limited;
  if (!rest.price) {
    unpriced.note(model.id);
    if (unpriced.refuses && isBounded) {
      throw unpriced.refusal(model.id);
    }
  }
  if (!isBounded) {
    return { attempt: await open() };
  }
  const bounds = boundsOf({
    operation,
    model,
    outputCap,
    requestBytes,
    body,
    nativeText,
    opaque: native?.untranslatable !== undefined,
    unaskedTiers: tiers?.unasked(model.id),
    price: rest.price,
  });
  for (const [index, bound] of bounds.entries()) {
    if (bound.nanoUsd === 0) {
      return { attempt: await open(bound) };
    }
    try {
      return {
        attempt: await open(bound),
        outputCap: bound.outputCap,
        note:
          index > 0
            ? `A budget has room for an answer of at most ${bound.outputCap} tokens, so it is cut there.`
            : undefined,
      };
    } catch (error) {
      const last = index === bounds.length - 1;
      if (last || ownFault(error).code !== 'budget_exceeded') {
        throw error;
      }
    }
  }
  throw new Error('There is at least one bound');
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
