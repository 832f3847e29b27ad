import type {
  GatewayModel,
  GatewayRoute,
  HealthRow,
  ModelDirectory,
  Price,
  PriceBook,
  ProviderHealth,
} from '@agentportal/model-gateway';
import type {
  CostTotals,
  ModelPriceSummary,
  ModelSummary,
} from '@agentportal/plugin-models-common';
import { LRUCache } from 'lru-cache';
import { parseEntityRef } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import type { VisibleCalls } from '../access/CallRights';
import type { ModelResource } from '../access/rules';
import { toFlatRates, toUnitPrices } from '../prices/flatPrice';
import { queryUsage } from '../ledger/costs';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';

const USAGE_DAYS = 30;
const DAY_MS = 86_400_000;
/** Sums are the dear part of a list; they may be this old. */
const USAGE_AGE_MS = 15_000;

const NO_USAGE: CostTotals = {
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costNanoUsd: 0,
};

/** Puts together what the directory, the price book and the ledger know. */
export class ModelSummaries {
  readonly #directory: ModelDirectory;
  readonly #priceBook: PriceBook;
  readonly #ledger: DatabaseCallLedger;
  readonly #health: ProviderHealth;
  /** By what the caller may see. */
  readonly #usage = new LRUCache<string, Promise<Map<string, CostTotals>>>({
    max: 500,
    ttl: USAGE_AGE_MS,
  });

  constructor(options: {
    directory: ModelDirectory;
    priceBook: PriceBook;
    ledger: DatabaseCallLedger;
    health: ProviderHealth;
  }) {
    this.#directory = options.directory;
    this.#priceBook = options.priceBook;
    this.#ledger = options.ledger;
    this.#health = options.health;
  }

  /**
   * Everything that the filter lets through, in the order of the ids.
   *
   * @param calls - which calls the caller may see; usage is of those
   */
  async list(
    allows: (model: ModelResource) => boolean,
    calls: { never: boolean; criteria?: VisibleCalls },
  ): Promise<ModelSummary[]> {
    const usage = calls.never
      ? new Map<string, CostTotals>()
      : await this.#recentUsage(calls.criteria);
    const health = new Map(
      this.#health.list().map(row => [row.modelId, toHealth(row)]),
    );
    const models = this.#directory
      .models()
      .filter(allows)
      .map(model => this.#ofModel(model, usage, health.get(model.id)));
    const routes = this.#directory
      .routes()
      .filter(route => allows(toResource(route)))
      .map(route => this.#ofRoute(route, usage));
    return [...models, ...routes].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What permission rules see of what a name stands for, if it is known. */
  find(name: string): ModelResource | undefined {
    const found = this.#directory.resolve(name);
    return found?.route ? toResource(found.route) : found?.models[0];
  }

  /** The same of a name that must be known. */
  resource(name: string): ModelResource {
    const resource = this.find(name);
    if (!resource) {
      throw new NotFoundError(
        `There is no model ${name}; the list of models has all ids.`,
      );
    }
    return resource;
  }

  #ofModel(
    model: GatewayModel,
    usage: Map<string, CostTotals>,
    health: ModelSummary['health'],
  ): ModelSummary {
    const key = {
      id: model.id,
      modelId: model.modelId,
      publisher: this.#directory.provider(model.provider)?.publisher,
    };
    const price = this.#priceBook.priceOf(key);
    const published = this.#priceBook.published(key);
    const imported = this.#priceBook.imported(key);
    return {
      id: model.id,
      ref: model.ref,
      name: parseEntityRef(model.ref).name,
      title:
        model.title === model.modelId
          ? published?.name ?? model.title
          : model.title,
      description: model.description,
      provider: model.provider,
      type: model.type,
      status: model.unavailable ? 'unavailable' : 'available',
      statusMessage: model.unavailable,
      contextWindow:
        model.contextWindow ??
        published?.contextWindow ??
        imported?.contextWindow,
      maxOutputTokens: model.maxOutputTokens ?? imported?.maxOutputTokens,
      health,
      capabilities:
        model.capabilities.length > 0
          ? model.capabilities
          : imported?.capabilities ?? [],
      price: price ? toPriceSummary(price) : null,
      priceVersion: price?.version,
      source: model.source,
      ignored: model.ignored,
      usage30d: usage.get(model.id) ?? NO_USAGE,
    };
  }

  #ofRoute(route: GatewayRoute, usage: Map<string, CostTotals>): ModelSummary {
    const candidates = route.candidates.map(candidate => ({
      ...this.#ofCandidate(candidate.model),
      weight: candidate.weight,
      tier: candidate.tier,
      when: candidate.when,
    }));
    const fallbacks = (route.fallbacks ?? []).map(name =>
      this.#ofCandidate(name),
    );
    const available = [...candidates, ...fallbacks].some(
      candidate => candidate.available,
    );
    return {
      id: route.name,
      ref: route.ref,
      name: route.name,
      title: route.title,
      description: route.description,
      provider: 'route',
      type: 'route',
      status: available ? 'available' : 'unavailable',
      statusMessage: available
        ? undefined
        : 'None of its candidates can be called now.',
      capabilities: [],
      price: null,
      source: 'catalog',
      route: {
        strategy: route.strategy ?? 'priority',
        candidates,
        fallbacks,
        sticky: route.sticky,
        retries: route.retries,
        hedge: route.hedge,
      },
      usage30d: usage.get(route.name) ?? NO_USAGE,
    };
  }

  /** A model of a route, and whether it would be called now. */
  #ofCandidate(name: string): {
    id: string;
    available: boolean;
    statusMessage?: string;
  } {
    const model = this.#directory.model(name);
    if (!model) {
      return {
        id: name,
        available: false,
        statusMessage: 'No provider has it.',
      };
    }
    const blocked = this.#health.blocked(model);
    const statusMessage =
      model.unavailable ??
      (blocked && `It is left alone for a while, because ${blocked.reason}.`);
    return { id: model.id, available: !statusMessage, statusMessage };
  }

  #recentUsage(among: VisibleCalls): Promise<Map<string, CostTotals>> {
    const key = JSON.stringify(among ?? null);
    let usage = this.#usage.get(key);
    if (!usage) {
      usage = queryUsage(this.#ledger, {
        // Whole days, because those are summed up already.
        from: (Math.floor(Date.now() / DAY_MS) - USAGE_DAYS) * DAY_MS,
        among,
      });
      this.#usage.set(key, usage);
      usage.catch(() => this.#usage.delete(key));
    }
    return usage;
  }
}

function toHealth(row: HealthRow): ModelSummary['health'] {
  return {
    state: row.state,
    until:
      row.until === undefined ? undefined : new Date(row.until).toISOString(),
    reason: row.reason,
    firstByteP50Ms: row.ttfbP50Ms,
    firstByteP95Ms: row.ttfbP95Ms,
    tokensPerSecond: row.tokensPerSecond,
    errorRate: row.errorRate,
    calls: row.calls,
  };
}

function toResource(route: GatewayRoute): ModelResource {
  return { id: route.name, provider: 'route', type: 'route' };
}

/** The base rates; its history has what long contexts and service tiers cost. */
function toPriceSummary(price: Price): ModelPriceSummary {
  return {
    ...toFlatRates(price),
    ...toUnitPrices(price),
    inputNanoUsdPerMillionTokens: price.input.nanoUsdPerMillion,
    outputNanoUsdPerMillionTokens: price.output.nanoUsdPerMillion,
  };
}
