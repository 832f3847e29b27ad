import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayModel } from '../directory/model';
import { GatewayError, type GatewayErrorCode, ownFault } from '../errors';
import { toldWaitMs } from '../routing/breaker/faultClass';
import type { Blocked } from '../routing/health/ProviderHealth';
import { tryWithHedge } from './hedge';
import { explainChoice, type Plan } from './route';
import type { Begun, CallContext, RunningCall } from './tryModel';

/** An answer that has begun, and why it comes from there. */
export interface Served extends Begun {
  reason: string;
}

/**
 * Failures after which the next candidate is tried. What the caller must mend
 * would fail everywhere, and a second model must not be paid for it; another model
 * may be there, read more, or be of another mind about what may be said.
 */
const WORTH_ANOTHER: ReadonlySet<GatewayErrorCode> = new Set([
  'provider_unreachable',
  'provider_timeout',
  'provider_rate_limited',
  'provider_quota_exhausted',
  'provider_credentials_rejected',
  'provider_error',
  'provider_bad_answer',
  'provider_stream_cut',
  'provider_forbidden',
  'provider_model_missing',
  'provider_context_exceeded',
  'provider_content_filtered',
  'model_unavailable',
]);

/** Faults that may have passed a moment later. */
const PASSING: ReadonlySet<GatewayErrorCode> = new Set([
  'provider_unreachable',
  'provider_error',
  'provider_stream_cut',
]);

/** Another candidate may be cheaper, or have a limit of its own. */
const NO_ROOM: ReadonlySet<GatewayErrorCode> = new Set([
  'budget_exceeded',
  'price_unknown',
  'rate_limited',
]);

/** A caller may wait so long for a rate limit to pass, not longer. */
const MAX_WAIT_MS = 2_000;
const BACKOFF_MS = 100;
/** Timers fire up to a millisecond before the clock says so. */
const TIMER_EARLY_MS = 2;

/** Tries the candidates until one answers; nothing has reached the caller yet. */
export async function callCandidates(context: CallContext): Promise<Served> {
  const call: RunningCall = { ...context, attempts: 0, tried: new Set() };
  const { plan } = call;
  call.retryBudget.called();
  if (plan.hedge && plan.route) {
    call.hedges.called(plan.route);
  }
  const outcome = await tryAll(call);
  if ('served' in outcome) {
    return outcome.served;
  }
  if (outcome.failure) {
    throw outcome.failure;
  }
  // None was tried, because all are left alone.
  const soonest = outcome.soonest!;
  const waitMs = soonest.blocked.until - call.clock.now();
  if (soonest.blocked.class === 'rate' && waitMs <= MAX_WAIT_MS) {
    await pause(Math.max(waitMs, 0) + TIMER_EARLY_MS, call.signal);
    const again = await tryAll(call);
    if ('served' in again) {
      return again.served;
    }
    if (again.failure) {
      throw again.failure;
    }
  }
  throw allPaused(call, soonest);
}

interface Paused {
  model: GatewayModel;
  blocked: Blocked;
}

async function tryAll(
  call: RunningCall,
): Promise<{ served: Served } | { failure?: GatewayError; soonest?: Paused }> {
  const { plan } = call;
  let failure: GatewayError | undefined;
  let soonest: Paused | undefined;
  for (const model of plan.candidates) {
    if (call.tried.has(model.id)) {
      continue;
    }
    const blocked = call.health.blocked(model);
    if (blocked) {
      if (!soonest || blocked.until < soonest.blocked.until) {
        soonest = { model, blocked };
      }
      continue;
    }
    const outcome = await tryCandidate(call, model);
    if ('served' in outcome) {
      return outcome;
    }
    failure = outcome.failure;
  }
  return { failure, soonest };
}

/** Tries one candidate as often as its route and the retry budget allow. */
async function tryCandidate(
  call: RunningCall,
  model: GatewayModel,
): Promise<{ served: Served } | { failure: GatewayError }> {
  const { plan, signal } = call;
  const second = () =>
    plan.candidates.find(
      other =>
        plan.hedge?.among.has(other.id) &&
        !call.tried.has(other.id) &&
        !call.health.blocked(other),
    );
  const role = call.attempts > 0 ? ('fallback' as const) : undefined;
  for (let tries = 0; ; tries += 1) {
    try {
      const begun = await tryWithHedge(
        call,
        model,
        tries > 0 ? 'retry' : role,
        second,
      );
      return { served: toServed(plan, begun) };
    } catch (error) {
      const failure = ownFault(signal.aborted ? signal.reason : error);
      if (signal.aborted) {
        throw failure;
      }
      if (NO_ROOM.has(failure.code)) {
        plan.notes.push({
          says: `${model.id} was not called: ${failure.message}`,
          brief: `${model.id} was not called: a budget or limit has no room.`,
        });
        return { failure };
      }
      if (!WORTH_ANOTHER.has(failure.code)) {
        throw failure;
      }
      const pauseMs = pauseBeforeRetry(call, model, failure, tries);
      if (pauseMs === undefined) {
        plan.notes.push({
          says: `${model.id} was tried first: ${failure.message}`,
          brief: `${model.id} was tried first and failed (${failure.code}).`,
        });
        return { failure };
      }
      await pause(pauseMs, signal);
      if (call.health.blocked(model)) {
        // Others have found out meanwhile that it does not help.
        return { failure };
      }
    }
  }
}

function toServed(plan: Plan, begun: Begun): Served {
  if (begun.opened.note) {
    plan.notes.push(begun.opened.note);
  }
  plan.onServed?.(begun.model);
  return { ...begun, reason: explainChoice(plan, begun.model) };
}

/** How long to wait before asking the same model again, if at all. */
function pauseBeforeRetry(
  call: RunningCall,
  model: GatewayModel,
  failure: GatewayError,
  tries: number,
): number | undefined {
  if (tries >= call.plan.retries) {
    return undefined;
  }
  let pauseMs: number | undefined;
  if (PASSING.has(failure.code)) {
    pauseMs = call.health.blocked(model)
      ? undefined
      : BACKOFF_MS * 2 ** tries * (0.5 + call.random());
  } else if (failure.code === 'provider_rate_limited') {
    const told = toldWaitMs(failure);
    pauseMs = told !== undefined && told <= MAX_WAIT_MS ? told : undefined;
  }
  return pauseMs !== undefined && call.retryBudget.take() ? pauseMs : undefined;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw ownFault(signal.reason);
  }
}

function allPaused(
  { clock, plan }: RunningCall,
  { model, blocked }: Paused,
): GatewayError {
  const seconds = Math.max(1, Math.ceil((blocked.until - clock.now()) / 1000));
  const told = plan.route
    ? `No model of the route ${plan.route} can serve now; ${model.id} is asked again in ${seconds} s, because ${blocked.reason}.`
    : `${model.id} is not asked for the next ${seconds} s, because ${blocked.reason}; try again then.`;
  return new GatewayError(503, 'model_unavailable', told, {
    retryAfter: String(seconds),
  });
}
