import type { GatewayModel, GatewayRoute } from '../directory/model';
import { typeFor } from '../directory/modelType';
import type { ModelDirectory } from '../directory/ModelDirectory';
import { GatewayError } from '../errors';
import type { Account, CallSettings, Clock } from '../ports';
import type { Price } from '../prices/price';
import type { PriceBook } from '../prices/PriceBook';
import type { AllowedTarget } from '../stages/access';
import type { ModelRequest } from '../stages/readRequest';
import type { Operation, Plan } from '../stages/route';
import {
  isQuickToRate,
  type RatesComplexity,
  rankOf,
  tierFor,
} from './complexity';
import { Conversations, conversationKey } from './Conversations';
import type { ProviderHealth } from './health/ProviderHealth';
import { noneServes } from './noneServes';
import { readShape, type RequestShape } from './RequestShape';
import { sortCandidates } from './sortCandidates';
import { STRATEGIES } from './strategies';
import type { Choice, Ranking } from './strategies/Strategy';

const DEFAULT_RETRIES = 1;
const DEFAULT_HEDGE = { afterPercentile: 95, maxPercentOfCalls: 5 };

/** What a plan is made for. */
export interface Asked {
  target: AllowedTarget;
  operation: Operation;
  request: Pick<ModelRequest, 'body' | 'text' | 'stream'>;
  account: Account;
  settings?: CallSettings;
}

/**
 * Decides which models a call is to be tried at, in which order, and why. Rules
 * come first, then the strategy of the route, then the conversation's habit.
 */
export class Router {
  readonly #directory: ModelDirectory;
  readonly #priceBook: PriceBook;
  readonly #health: ProviderHealth;
  readonly #complexity?: RatesComplexity;
  readonly #random: () => number;
  readonly #conversations: Conversations;

  constructor(options: {
    directory: ModelDirectory;
    priceBook: PriceBook;
    health: ProviderHealth;
    clock: Clock;
    complexity?: RatesComplexity;
    /** From 0 to below 1. */
    random?: () => number;
  }) {
    this.#directory = options.directory;
    this.#priceBook = options.priceBook;
    this.#health = options.health;
    this.#complexity = options.complexity;
    this.#random = options.random ?? Math.random;
    this.#conversations = new Conversations(options);
  }

  plan(asked: Asked): Plan {
    const { operation, request, settings, target } = asked;
    const shape = readShape(operation, request, settings);
    return target.route
      ? this.#planRoute(target.route, asked, shape)
      : planDirect(target, operation, shape);
  }

  #planRoute(route: GatewayRoute, asked: Asked, shape: RequestShape): Plan {
    const { account, operation, request, settings, target } = asked;
    if (
      operation === 'chat' &&
      (route.strategy === 'complexity' || isQuickToRate(request.body))
    ) {
      shape.rating = this.#complexity?.rate(request.body, account.ownerRef);
      shape.features.complexity = shape.rating?.score;
    }
    const sorted = sortCandidates({
      route,
      target,
      operation,
      shape,
      directory: this.#directory,
      blocked: model => this.#health.blocked(model),
    });
    const { choices, fallbacks, notes, paused } = sorted;
    const session =
      operation === 'chat' && isSticky(route)
        ? conversationKey({
            route: route.name,
            account,
            settings,
            body: request.body,
          })
        : undefined;
    const known = session ? this.#conversations.get(session) : undefined;
    const tier = tierFor(shape.rating, known?.tier);
    const ranking = this.#rank(route, choices, { shape, tier, session, known });
    const candidates = [
      ...ranking.order.map(({ model }) => model),
      ...fallbacks,
    ];
    if (candidates.length === 0 && paused.length === 0) {
      throw noneServes({ ...sorted, route: route.name, operation });
    }
    const whys = new Map(
      fallbacks.map(model => [
        model.id,
        `a fallback of the route ${route.name}.`,
      ]),
    );
    if (ranking.order.length > 0) {
      whys.set(ranking.order[0].model.id, ranking.why);
    }
    return {
      route: route.name,
      // When all are left alone, the call may wait for the first to come back.
      candidates: candidates.length > 0 ? candidates : paused,
      notes,
      whys,
      features: shape.features,
      retries: route.retries ?? DEFAULT_RETRIES,
      hedge: route.hedge && {
        ...DEFAULT_HEDGE,
        ...route.hedge,
        among: new Set(choices.map(({ model }) => model.id)),
      },
      pricesToChooseFrom:
        choices.length > 1
          ? () => choices.flatMap(({ model }) => this.#priceOf(model) ?? [])
          : undefined,
      onServed:
        session === undefined
          ? undefined
          : model =>
              this.#conversations.set(session, { model: model.id, tier }),
    };
  }

  #rank(
    route: GatewayRoute,
    choices: Choice[],
    known: {
      shape: RequestShape;
      tier: ReturnType<typeof tierFor>;
      session?: string;
      known?: { model: string };
    },
  ): Ranking {
    if (choices.length === 0) {
      return { order: choices, why: '' };
    }
    const strategy = route.strategy ?? 'priority';
    const ranking = STRATEGIES[strategy](choices, {
      route: route.name,
      shape: known.shape,
      tier: known.tier,
      session: known.session,
      healthOf: model => this.#health.of(model),
      priceOf: model => this.#priceOf(model),
      random: this.#random,
    });
    const habit = ranking.order.find(
      ({ model }) => model.id === known.known?.model,
    );
    if (!habit || habit === ranking.order[0]) {
      return ranking;
    }
    const weaker =
      strategy === 'complexity' &&
      rankOf(habit.candidate.tier) < rankOf(known.tier) &&
      rankOf(ranking.order[0].candidate.tier) > rankOf(habit.candidate.tier);
    return weaker
      ? ranking
      : {
          order: [habit, ...ranking.order.filter(choice => choice !== habit)],
          why: 'the conversation has been with it.',
        };
  }

  #priceOf(model: GatewayModel): Price | undefined {
    return this.#priceBook.priceOf({
      id: model.id,
      modelId: model.modelId,
      publisher: this.#directory.provider(model.provider)?.publisher,
    });
  }
}

/** By priority a conversation goes back to the best, unless the route says no. */
function isSticky({ sticky, strategy = 'priority' }: GatewayRoute): boolean {
  return sticky ?? strategy !== 'priority';
}

/**
 * A model that was asked for by its own name is tried even when its provider did
 * not answer lately: the call is the best check.
 */
function planDirect(
  target: AllowedTarget,
  operation: Operation,
  shape: RequestShape,
): Plan {
  const type = typeFor(operation);
  const fitting = target.models.filter(model => model.type === type);
  if (fitting.length === 0) {
    throw new GatewayError(
      400,
      'operation_not_supported',
      `${target.models[0]?.id} is not made for ${operation}; choose a model of type ${type}.`,
    );
  }
  return {
    candidates: fitting,
    notes: [],
    features: shape.features,
    retries: 0,
  };
}
