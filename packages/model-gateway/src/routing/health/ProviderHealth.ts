import { LRUCache } from 'lru-cache';
import type { GatewayModel } from '../../directory/model';
import type { Clock } from '../../ports';
import { Breaker, type Pause } from '../breaker/Breaker';
import type { FaultClass } from '../breaker/faultClass';
import { ModelHealth } from './ModelHealth';
import { Permit } from './Permit';

/** Names of models come from providers' lists, so they are few; but not from all. */
const MAX_MODELS = 10_000;
const RECENT_SUCCESS_MS = 60_000;

const REASONS: Record<FaultClass, string> = {
  rate: 'it limits the rate of calls',
  quota: 'the account has no quota left',
  auth: "it does not accept the portal's credentials",
  trouble: 'its last calls failed',
};

/**
 * How a model has done lately, as seen by this process. Rates and counts are of
 * the last five minutes.
 *
 * @public
 */
export interface HealthRow {
  modelId: string;
  provider: string;
  /** `open` while it is left alone, `half-open` when the next call is a probe. */
  state: 'closed' | 'open' | 'half-open';
  /** Milliseconds since the epoch; while it is open. */
  until?: number;
  /** Why it is left alone, as a part of a sentence. */
  reason?: string;
  /** To the first byte of streams; without streams, to the end of answers. */
  ttfbP50Ms?: number;
  ttfbP95Ms?: number;
  tokensPerSecond?: number;
  /** From 0 to 1. */
  errorRate: number;
  calls: number;
}

/** A model that is left alone, in words. */
export interface Blocked extends Pause {
  reason: string;
}

/**
 * Knows how every model does, by provider, model and credential. It decides
 * whether a call may go to a model, and learns from what comes of it. A provider
 * has one credential, so the provider's id stands for both.
 *
 * @public
 */
export class ProviderHealth {
  readonly #clock: Clock;
  readonly #models = new LRUCache<string, ModelHealth>({ max: MAX_MODELS });
  readonly #credentials = new Map<string, Breaker>();

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** What is known of a model; routing ranks by it. */
  of(model: Pick<GatewayModel, 'id' | 'provider'>): ModelHealth {
    let found = this.#models.get(model.id);
    if (!found) {
      found = new ModelHealth(model.provider);
      this.#models.set(model.id, found);
    }
    return found;
  }

  /** Why a model is left alone now; `undefined` when it may be called. */
  blocked(model: Pick<GatewayModel, 'id' | 'provider'>): Blocked | undefined {
    const now = this.#clock.now();
    const credential = this.#credentials.get(model.provider)?.blocked(now);
    const own = this.#models.get(model.id)?.breaker.blocked(now);
    const longer =
      !own || (credential && credential.until > own.until) ? credential : own;
    return longer && { ...longer, reason: REASONS[longer.class] };
  }

  /** Leave to call a model, which must not be blocked. */
  permit(model: Pick<GatewayModel, 'id' | 'provider'>): Permit {
    let credential = this.#credentials.get(model.provider);
    if (!credential) {
      credential = new Breaker();
      this.#credentials.set(model.provider, credential);
    }
    const own = this.of(model);
    return new Permit({
      model: own,
      credential,
      clock: this.#clock,
      blamesCredential: () => !this.#othersSucceed(model),
    });
  }

  /** Every model that was called, in the order of the ids. */
  list(): HealthRow[] {
    const now = this.#clock.now();
    return [...this.#models.entries()]
      .map(([modelId, model]) => this.#toRow(modelId, model, now))
      .sort((a, b) => (a.modelId < b.modelId ? -1 : 1));
  }

  #toRow(modelId: string, model: ModelHealth, now: number): HealthRow {
    const breakers = [this.#credentials.get(model.provider), model.breaker];
    const held =
      breakers.find(breaker => breaker?.state(now) === 'open') ??
      breakers.find(breaker => breaker?.state(now) === 'half-open');
    const state = held?.state(now) ?? 'closed';
    const latency = model.firstByte.count > 0 ? model.firstByte : model.whole;
    return {
      modelId,
      provider: model.provider,
      state,
      until: state === 'open' ? held?.pause?.until : undefined,
      reason: held?.pause && REASONS[held.pause.class],
      ttfbP50Ms: latency.percentile(50),
      ttfbP95Ms: latency.percentile(95),
      tokensPerSecond: model.tokensPerSecond,
      ...model.recent.read(now),
    };
  }

  /**
   * Some keys may use some models only. Where another model has just accepted
   * the key, the key itself is good.
   */
  #othersSucceed(model: Pick<GatewayModel, 'id' | 'provider'>): boolean {
    const since = this.#clock.now() - RECENT_SUCCESS_MS;
    for (const [id, other] of this.#models) {
      if (
        id !== model.id &&
        other.provider === model.provider &&
        other.lastSuccessAt >= since &&
        other.breaker.pause?.class !== 'auth'
      ) {
        return true;
      }
    }
    return false;
  }
}
