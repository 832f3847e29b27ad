import type { Caller } from '../ports';
import type { CallObservation } from '../telemetry/CallObservation';
import { type Compression, withCompression } from './compress';
import type { GatewayParts } from './GatewayParts';
import { DEFAULT_OUTPUT_CAP } from './hold';
import { openAttempt } from './openAttempt';
import type { ModelRequest } from './readRequest';
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
