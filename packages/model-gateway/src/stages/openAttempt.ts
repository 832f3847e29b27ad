import type { GatewayModel } from '../directory/model';
import { GatewayError, ownFault } from '../errors';
import type { AttemptStart } from '../ports';
import { Attempt, type AttemptOptions } from './Attempt';
import type { OpenedAttempt } from './call';
import { boundsOf } from './hold';
import type { ModelRequest } from './readRequest';
import type { Operation } from './route';

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
  },
): Promise<OpenedAttempt> {
  const { request, operation, model, outputCap, start, ...rest } = options;
  const requestBytes = Math.max(
    Buffer.byteLength(request.text),
    Buffer.byteLength(request.native?.text ?? ''),
  );
  const open = (boundNanoUsd?: number) =>
    Attempt.open({ ...rest, requestBytes, start: { ...start, boundNanoUsd } });
  // What costs nothing needs no room.
  if (!rest.price || !(await isLimited(options))) {
    return { attempt: await open() };
  }
  const bounds = boundsOf({
    operation,
    model,
    outputCap,
    requestBytes,
    body: request.body,
    opaque: request.native?.untranslatable !== undefined,
    price: rest.price,
  });
  for (const [index, bound] of bounds.entries()) {
    if (bound.nanoUsd === 0) {
      return { attempt: await open() };
    }
    try {
      return {
        attempt: await open(bound.nanoUsd),
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

async function isLimited(options: {
  ledger: AttemptOptions['ledger'];
  start: Omit<AttemptStart, 'boundNanoUsd'>;
}): Promise<boolean> {
  const { ledger, start } = options;
  try {
    return (await ledger.isLimited?.(start.account, start.model)) ?? false;
  } catch (error) {
    // Not to know the budgets is not to have none.
    throw new GatewayError(
      503,
      'ledger_unavailable',
      'The budgets cannot be read, so the call is not made; try again in a moment.',
      { cause: error },
    );
  }
}
