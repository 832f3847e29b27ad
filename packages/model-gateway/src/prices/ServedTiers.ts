import type { JsonObject } from '../providers/ModelProvider';
import { serviceTierOf } from '../usage/served';

const MAX_REMEMBERED = 5_000;

/**
 * Service tiers that calls were served in although they had not asked: the
 * account at a provider may choose one for all calls. Once it is known, bounds
 * count on it.
 */
export class ServedTiers {
  readonly #byModel = new Map<string, readonly string[]>();

  /** Tiers that a call to a model may be served in without asking. */
  unasked(model: string): readonly string[] {
    return this.#byModel.get(model) ?? [];
  }

  /**
   * Whom to tell in which tier a call was served; nobody, when the call asked for
   * one.
   */
  listener(
    model: string,
    request: { body: JsonObject; nativeText?: string },
  ): ((tier: string) => void) | undefined {
    return serviceTierOf(request.body.service_tier) !== undefined ||
      /service_tier|"speed"/.test(request.nativeText ?? '')
      ? undefined
      : tier => this.#note(model, tier);
  }

  #note(model: string, tier: string): void {
    const known = this.unasked(model);
    if (!known.includes(tier) && this.#byModel.size < MAX_REMEMBERED) {
      this.#byModel.set(model, [...known, tier]);
    }
  }
}
