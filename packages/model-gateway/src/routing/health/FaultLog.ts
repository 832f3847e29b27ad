import { LRUCache } from 'lru-cache';
import type { GatewayError } from '../../errors';
import type { Clock, GatewayLogger } from '../../ports';
import { ABOUT_THE_REQUEST } from '../breaker/faultClass';

const ONCE_IN_MS = 60_000;
const MAX_REMEMBERED = 1_000;

/**
 * Tells the operator what providers get wrong, in their words and once a minute
 * for each kind: whoever runs the portal sees no answers of calls.
 */
export class FaultLog {
  readonly #clock: Clock;
  readonly #logger: GatewayLogger;
  readonly #told = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(options: { clock: Clock; logger: GatewayLogger }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  note(model: { id: string; provider: string }, failure: GatewayError): void {
    const { code } = failure;
    if (!code.startsWith('provider_') || ABOUT_THE_REQUEST.has(code)) {
      return;
    }
    const kind = `${model.provider} ${code}`;
    const now = this.#clock.now();
    if (now - (this.#told.get(kind) ?? -Infinity) < ONCE_IN_MS) {
      return;
    }
    this.#told.set(kind, now);
    const { cause } = failure;
    this.#logger.warn('A provider of models did not answer as it should', {
      provider: model.provider,
      model: model.id,
      code,
      reason: failure.message,
      ...(cause instanceof Error && cause.message && { said: cause.message }),
    });
  }
}
