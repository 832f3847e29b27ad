import { GatewayError } from '../errors';

/** How many answers without a reader are read on at once. */
const MOST_AT_ONCE = 100;

/**
 * Who leaves before an answer has ended has used it all the same, and what it
 * cost is told at its very end. So the provider is read on for a while; what is
 * not known by then is booked by what was held.
 */
export class ReadingOn {
  readonly #forMs: number;
  #count = 0;

  constructor(options: { forMs: number }) {
    this.#forMs = options.forMs;
  }

  /**
   * A signal for the provider. It follows the caller's at once, unless the caller
   * has only gone away.
   */
  follow(signal: AbortSignal): Followed {
    const provider = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stop = () => {
      if (timer) {
        clearTimeout(timer);
        timer = undefined;
        this.#count -= 1;
      }
    };
    const end = () => {
      stop();
      provider.abort(signal.reason);
    };
    const onAbort = () => {
      if (
        !hasGone(signal.reason) ||
        this.#forMs === 0 ||
        this.#count >= MOST_AT_ONCE
      ) {
        end();
        return;
      }
      this.#count += 1;
      timer = setTimeout(end, this.#forMs);
    };
    if (signal.aborted) {
      end();
    } else {
      signal.addEventListener('abort', onAbort, { once: true });
    }
    return {
      signal: provider.signal,
      ended: () => {
        signal.removeEventListener('abort', onAbort);
        stop();
      },
    };
  }
}

/** The signal of one request to a provider. */
export interface Followed {
  signal: AbortSignal;
  /** The request has ended, well or not. */
  ended(): void;
}

function hasGone(reason: unknown): boolean {
  return reason instanceof GatewayError && reason.code === 'client_gone';
}
