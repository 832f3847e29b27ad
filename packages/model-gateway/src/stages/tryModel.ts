import type { GatewayModel } from '../directory/model';
import { GatewayError, ownFault } from '../errors';
import type { AttemptStart, Clock } from '../ports';
import type { ModelProvider } from '../providers/ModelProvider';
import type { FaultLog } from '../routing/health/FaultLog';
import type { ProviderHealth } from '../routing/health/ProviderHealth';
import type { HedgeAllowance } from '../routing/HedgeAllowance';
import type { RetryBudget } from '../routing/RetryBudget';
import type { Attempt } from './Attempt';
import { type Answer, begin, readToEnd } from './begin';
import type { OpenedAttempt } from './openAttempt';
import type { ReadingOn } from './ReadingOn';
import type { ModelRequest } from './readRequest';
import { explainChoice, type Operation, type Plan } from './route';

/** What is the same for all attempts of a call. */
export interface CallContext {
  plan: Plan;
  operation: Operation;
  request: ModelRequest;
  signal: AbortSignal;
  health: ProviderHealth;
  readingOn: ReadingOn;
  faults: FaultLog;
  retryBudget: RetryBudget;
  hedges: HedgeAllowance;
  clock: Clock;
  /** From 0 to below 1. */
  random(): number;
  providerOf(id: string): ModelProvider | undefined;
  openAttempt(
    model: GatewayModel,
    about: { number: number } & Pick<AttemptStart, 'role' | 'reason'>,
  ): Promise<OpenedAttempt>;
}

/** A call whose attempts are counted. */
export interface RunningCall extends CallContext {
  attempts: number;
  /** By gateway id. */
  tried: Set<string>;
}

/** An answer that has begun, and the attempt that it belongs to. */
export interface Begun {
  model: GatewayModel;
  opened: OpenedAttempt;
  attempt: Attempt;
  answer: Answer;
}

/**
 * One attempt at one model, which must not be left alone. When it fails it is
 * settled, and the failure is thrown; nothing has reached the caller then.
 */
export async function tryModel(
  call: RunningCall,
  model: GatewayModel,
  about: {
    role?: AttemptStart['role'];
    /** Why now, when the plan does not say. */
    why?: string;
    signal: AbortSignal;
  },
): Promise<Begun> {
  const provider = call.providerOf(model.provider);
  if (!provider) {
    throw new GatewayError(
      503,
      'model_unavailable',
      model.unavailable ?? `No provider ${model.provider} is configured.`,
    );
  }
  call.tried.add(model.id);
  call.attempts += 1;
  const permit = call.health.permit(model);
  let opened: OpenedAttempt;
  try {
    opened = await call.openAttempt(model, {
      number: call.attempts,
      role: about.role,
      reason: explainChoice(call.plan, model, 'brief', about.why),
    });
  } catch (error) {
    permit.leave();
    throw error;
  }
  const { attempt } = opened;
  const { signal } = about;
  const upstream = call.readingOn.follow(signal);
  try {
    const { operation, request } = call;
    const answer = await begin(provider, model, opened, {
      operation,
      request,
      signal,
      upstream,
      permit,
    });
    if (signal.aborted) {
      await readToEnd(answer);
      throw signal.reason;
    }
    return { model, opened, attempt, answer };
  } catch (error) {
    upstream.ended();
    const failure = ownFault(signal.aborted ? signal.reason : error);
    if (failure.code === 'superseded') {
      permit.outrun(
        call.operation === 'chat' && call.request.stream ? 'stream' : 'whole',
      );
    } else {
      permit.failed(failure);
      call.faults.note(model, failure);
    }
    await attempt.fail(failure);
    throw failure;
  }
}
