import type { GatewayError } from '../../errors';
import type { Clock } from '../../ports';
import type { TokenUsage } from '../../usage/tokenUsage';
import type { Breaker } from '../breaker/Breaker';
import { ABOUT_THE_REQUEST, faultOf } from '../breaker/faultClass';
import type { ModelHealth } from './ModelHealth';

/**
 * The leave to call one model once. What comes of the call is told to it, and it
 * tells the breakers, once.
 */
export class Permit {
  readonly #model: ModelHealth;
  readonly #credential: Breaker;
  readonly #probes: { model: boolean; credential: boolean };
  readonly #clock: Clock;
  /** Whether the whole credential is at fault when a key is not accepted. */
  readonly #blamesCredential: () => boolean;
  readonly #startedAt: number;
  #firstAt?: number;
  #told = false;

  constructor(options: {
    model: ModelHealth;
    credential: Breaker;
    clock: Clock;
    blamesCredential: () => boolean;
  }) {
    this.#model = options.model;
    this.#credential = options.credential;
    this.#clock = options.clock;
    this.#blamesCredential = options.blamesCredential;
    this.#probes = {
      model: options.model.breaker.enter(),
      credential: options.credential.enter(),
    };
    this.#startedAt = options.clock.now();
    options.model.lastCallAt = this.#startedAt;
  }

  get isProbe(): boolean {
    return this.#probes.model || this.#probes.credential;
  }

  /** The answer has begun, or, where it is no stream, has come. */
  answered(kind: 'stream' | 'whole'): void {
    const now = this.#clock.now();
    this.#firstAt = now;
    this.#latency(kind).add(now - this.#startedAt);
    this.#model.lastSuccessAt = now;
    this.#tell(() => {
      this.#model.recent.add(now, false);
      this.#model.breaker.succeeded(this.#probes.model, now);
      this.#credential.succeeded(this.#probes.credential, now);
    });
  }

  /** What the answer used, once it has come to its end. */
  used(usage: TokenUsage): void {
    this.#model.answered(usage);
    if (this.#firstAt !== undefined) {
      this.#model.streamed(
        usage.outputText + usage.reasoning,
        this.#clock.now() - this.#firstAt,
      );
    }
  }

  failed(error: GatewayError): void {
    const now = this.#clock.now();
    const fault = faultOf(error, now);
    if (!fault) {
      if (ABOUT_THE_REQUEST.has(error.code)) {
        this.#tell(() => {
          this.#model.recent.add(now, false);
          this.#model.breaker.succeeded(this.#probes.model, now);
          this.#credential.succeeded(this.#probes.credential, now);
        });
      }
      this.leave();
      return;
    }
    if (this.#told) {
      // It began well and broke off later.
      this.#model.recent.add(now, true);
      this.#model.breaker.failed(false, fault, now);
      return;
    }
    this.#tell(() => {
      this.#model.recent.add(now, true);
      const blamed =
        fault.class === 'quota' ||
        (fault.class === 'auth' && this.#blamesCredential());
      this.#model.breaker.failed(this.#probes.model, fault, now);
      if (blamed) {
        this.#credential.failed(this.#probes.credential, fault, now);
      } else {
        this.#credential.left(this.#probes.credential);
      }
    });
  }

  /**
   * Another model answered first. How long it took is not known, but it was at
   * least so long; without that, a model that is often outrun would look fast.
   */
  outrun(kind: 'stream' | 'whole'): void {
    if (this.#firstAt === undefined) {
      this.#latency(kind).add(this.#clock.now() - this.#startedAt);
    }
    this.leave();
  }

  /** Nothing was learnt. */
  leave(): void {
    this.#tell(() => {
      this.#model.breaker.left(this.#probes.model);
      this.#credential.left(this.#probes.credential);
    });
  }

  #latency(kind: 'stream' | 'whole') {
    return kind === 'stream' ? this.#model.firstByte : this.#model.whole;
  }

  #tell(what: () => void): void {
    if (!this.#told) {
      this.#told = true;
      what();
    }
  }
}
