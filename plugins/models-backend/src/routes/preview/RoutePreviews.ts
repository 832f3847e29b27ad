import type {
  GatewayModel,
  GatewayRoute,
  Price,
} from '@agentportal/model-gateway';
import { costNanoUsd } from '@agentportal/model-gateway';
import type { ModelEntity } from '@agentportal/plugin-agents-common';
import type { RoutePreview } from '@agentportal/plugin-models-common';
import type { VisibleCalls } from '../../access/CallRights';
import { toRoute } from '../../catalog/readDeclarations';
import type { DatabaseCallLedger } from '../../ledger/DatabaseCallLedger';
import { type RecordedCall, recordedCalls } from './recordedCalls';

const DAY_MS = 86_400_000;
/** Enough to see where the money goes, few enough to answer while one waits. */
const MOST_CALLS = 5_000;
/** For calls from before their complexity was recorded. */
const MEDIUM = 0.5;

/** Chooses a model of a route as the gateway would, for a call of the past. */
export type ChooseModel = (
  route: GatewayRoute,
  call: RecordedCall & { complexity: number },
) => { model: GatewayModel } | { reason: string };

/** Tries a route on what was called lately. */
export class RoutePreviews {
  readonly #ledger: DatabaseCallLedger;
  readonly #priceOf: (model: GatewayModel) => Price | undefined;
  readonly #choose: ChooseModel;
  /** Usual time to the first byte of a model, in ms. */
  readonly #firstByteMs: (model: string) => number | undefined;

  constructor(options: {
    ledger: DatabaseCallLedger;
    priceOf: (model: GatewayModel) => Price | undefined;
    choose: ChooseModel;
    firstByteMs: (model: string) => number | undefined;
  }) {
    this.#ledger = options.ledger;
    this.#priceOf = options.priceOf;
    this.#choose = options.choose;
    this.#firstByteMs = options.firstByteMs;
  }

  async preview(
    entity: ModelEntity,
    days: number,
    among: VisibleCalls,
  ): Promise<RoutePreview> {
    const route = toRoute(entity);
    const since = Date.now() - days * DAY_MS;
    const own = await recordedCalls(this.#ledger, {
      route: route.name,
      from: since,
      among,
      limit: MOST_CALLS,
    });
    const { calls, total } =
      own.total > 0
        ? own
        : await recordedCalls(this.#ledger, {
            from: since,
            among,
            limit: MOST_CALLS,
          });
    const after = this.#chooseAnew(route, calls);
    const usual = this.#usualFirstBytes(calls, after);
    const served = calls.filter((_, index) => after[index].model);
    return {
      from: new Date(since).toISOString(),
      calls: total,
      considered: calls.length,
      basis: own.total > 0 ? 'route' : 'all',
      before: {
        costNanoUsd: sum(served.map(call => call.costNanoUsd)),
        firstByteP50Ms: median(served.flatMap(call => call.ttfbMs ?? [])),
      },
      after: {
        costNanoUsd: sum(after.map(choice => choice.costNanoUsd)),
        firstByteP50Ms: median(
          after.flatMap(({ model = '' }) => usual.get(model) ?? []),
        ),
      },
      moved: calls.filter(
        (call, index) =>
          after[index].model && after[index].model !== call.model,
      ).length,
      unserved: calls.length - served.length,
      unservedReason: after.find(choice => choice.reason)?.reason,
      unpriced: [
        ...new Set(
          after.flatMap(({ model, unpriced }) => (unpriced && model) || []),
        ),
      ],
      guessed: calls.filter(call => call.complexity === undefined).length,
      models: countModels(calls, after),
    };
  }

  #chooseAnew(route: GatewayRoute, calls: RecordedCall[]): Choice[] {
    return calls.map(call => {
      const chosen = this.#choose(route, {
        ...call,
        complexity: call.complexity ?? MEDIUM,
      });
      if ('reason' in chosen) {
        return { costNanoUsd: 0, reason: chosen.reason };
      }
      const { model } = chosen;
      if (model.id === call.model) {
        return { model: model.id, costNanoUsd: call.costNanoUsd };
      }
      const price = this.#priceOf(model);
      // What one provider remembered of a prompt, another one would not have.
      const { cacheRead, cacheWrite, inputUncached, ...output } = call.usage;
      return {
        model: model.id,
        unpriced: price === undefined,
        costNanoUsd: costNanoUsd(price, {
          ...output,
          inputUncached: inputUncached + cacheRead + cacheWrite,
          cacheRead: 0,
          cacheWrite: 0,
        }),
      };
    });
  }

  /** What is measured now, or else what the calls themselves took. */
  #usualFirstBytes(
    calls: RecordedCall[],
    after: Choice[],
  ): Map<string, number | undefined> {
    const models = new Set(after.flatMap(({ model }) => model ?? []));
    return new Map(
      [...models].map(model => [
        model,
        this.#firstByteMs(model) ??
          median(
            calls.flatMap(call =>
              call.model === model ? call.ttfbMs ?? [] : [],
            ),
          ),
      ]),
    );
  }
}

interface Choice {
  model?: string;
  costNanoUsd: number;
  unpriced?: boolean;
  reason?: string;
}

function countModels(
  calls: RecordedCall[],
  after: Choice[],
): RoutePreview['models'] {
  const counts = new Map<string, { before: number; after: number }>();
  const add = (model: string, when: 'before' | 'after') => {
    const count = counts.get(model) ?? { before: 0, after: 0 };
    count[when] += 1;
    counts.set(model, count);
  };
  calls.forEach(call => add(call.model, 'before'));
  after.forEach(({ model }) => model && add(model, 'after'));
  return [...counts]
    .map(([model, count]) => ({ model, ...count }))
    .sort((a, b) => b.after - a.after || b.before - a.before);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function median(values: number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
