import type { GatewayModel } from '../directory/model';
import { GatewayError } from '../errors';
import type { AttemptStart } from '../ports';
import { readToEnd } from './begin';
import { type Begun, type RunningCall, tryModel } from './tryModel';

/** Too few answers tell nothing about what is usual. */
const MIN_SAMPLES = 20;
/** What a person does not notice is not worth a second call. */
const MIN_DELAY_MS = 50;

/**
 * Tries a model and, where its route wants it, asks a second one when the first
 * is slower than usual.
 *
 * @param nextModel - finds the model to ask second
 */
export function tryWithHedge(
  call: RunningCall,
  model: GatewayModel,
  role: AttemptStart['role'],
  nextModel: () => GatewayModel | undefined,
): Promise<Begun> {
  const delayMs = hedgeDelay(call, model);
  return delayMs === undefined
    ? tryModel(call, model, { role, signal: call.signal })
    : hedged(call, model, { role, delayMs, nextModel });
}

/**
 * Whichever begins to answer first serves; the other is broken off and paid for
 * what it may have done.
 */
async function hedged(
  call: RunningCall,
  model: GatewayModel,
  how: {
    role: AttemptStart['role'];
    delayMs: number;
    nextModel: () => GatewayModel | undefined;
  },
): Promise<Begun> {
  const { role, delayMs, nextModel } = how;
  const first = contend(call, model, { role });
  const early = await within(delayMs, first.result);
  if (early) {
    return unwrap(early);
  }
  const { plan } = call;
  const other = nextModel();
  if (!other || !call.hedges.take(plan.route!, plan.hedge!.maxPercentOfCalls)) {
    return unwrap(await first.result);
  }
  const second = contend(call, other, {
    role: 'hedge',
    why: `${model.id} is slower than usual, so it was asked too.`,
  });
  const winner = await firstBegun(first, second);
  (winner === first ? second : first).breakOff();
  const result = await winner.result;
  if ('begun' in result) {
    plan.notes.push(
      winner === first
        ? `${model.id} was slower than usual, so ${other.id} was asked too, but was no faster.`
        : `${model.id} was slower than usual, and ${other.id} answered first.`,
    );
  }
  return unwrap(result);
}

/** After how long a second model is asked; `undefined` when none is. */
function hedgeDelay(
  { health, plan, request }: RunningCall,
  model: GatewayModel,
): number | undefined {
  if (!plan.hedge || !plan.route) {
    return undefined;
  }
  const seen = health.of(model);
  const usual = request.stream ? seen.firstByte : seen.whole;
  if (usual.count < MIN_SAMPLES) {
    return undefined;
  }
  return Math.max(
    MIN_DELAY_MS,
    usual.percentile(plan.hedge.afterPercentile) ?? 0,
  );
}

type Result = { begun: Begun } | { failure: unknown };

interface Contender {
  result: Promise<Result>;
  breakOff(): void;
}

function contend(
  call: RunningCall,
  model: GatewayModel,
  about: { role?: AttemptStart['role']; why?: string },
): Contender {
  const own = new AbortController();
  const result = tryModel(call, model, {
    ...about,
    signal: AbortSignal.any([call.signal, own.signal]),
  }).then(
    (begun): Result => ({ begun }),
    (failure): Result => ({ failure }),
  );
  return {
    result,
    breakOff: () => {
      const late = new GatewayError(
        499,
        'superseded',
        'Another model of the route answered first.',
      );
      own.abort(late);
      // It may have begun in the same moment, and then it ends here.
      void result.then(async ended => {
        if ('begun' in ended) {
          await readToEnd(ended.begun.answer).catch(() => {});
          await ended.begun.attempt.fail(late);
        }
      });
    },
  };
}

/** Of two the one that begins first; when none does, the first. */
async function firstBegun(
  first: Contender,
  second: Contender,
): Promise<Contender> {
  const begun = (contender: Contender) =>
    contender.result.then(result =>
      'begun' in result ? contender : Promise.reject(result.failure),
    );
  return Promise.any([begun(first), begun(second)]).catch(() => first);
}

async function within(
  ms: number,
  result: Promise<Result>,
): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([result, slow]);
  } finally {
    clearTimeout(timer);
  }
}

function unwrap(result: Result): Begun {
  if ('failure' in result) {
    throw result.failure;
  }
  return result.begun;
}
