import type { LoggerService } from '@backstage/backend-plugin-api';
import type { TracesConfig } from '../config';

/** Exports that wait for one collector; what is beyond is lost to it, and counted. */
const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 15_000;
/** How long it is waited after a failure, longer each time. */
const RETRY_MS = { first: 1_000, most: 60_000 };
/** What OTLP calls worth another attempt; everything else would fail again. */
const RETRYABLE = [429, 502, 503, 504];

type Target = TracesConfig['forward'][number];

/** What goes to one collector, one export after another. */
class Lane {
  readonly #target: Target;
  readonly #logger: LoggerService;
  readonly #waiting: Uint8Array[] = [];
  #bytes = 0;
  #lost = 0;
  #isClosing = false;
  #wake: (() => void) | undefined;
  #work: Promise<void> | undefined;

  constructor(target: Target, logger: LoggerService) {
    this.#target = target;
    this.#logger = logger;
  }

  add(body: Uint8Array): void {
    if (this.#bytes + body.length > MAX_BYTES) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(body);
    this.#bytes += body.length;
    this.#work ??= this.#send().finally(() => {
      this.#work = undefined;
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake?.();
    await this.#work;
  }

  async #send(): Promise<void> {
    let retryMs = RETRY_MS.first;
    while (this.#waiting.length) {
      const fault = await this.#post(this.#waiting[0]);
      if (fault?.again) {
        if (retryMs === RETRY_MS.first) {
          this.#logger.warn(
            `Spans for ${
              this.#target.url
            } wait, because it did not take them: ${fault.words}`,
          );
        }
        if (this.#isClosing) {
          return;
        }
        await this.#pause(Math.max(retryMs, fault.afterMs));
        retryMs = Math.min(RETRY_MS.most, retryMs * 2);
        continue;
      }
      this.#bytes -= this.#waiting.shift()!.length;
      retryMs = RETRY_MS.first;
      if (fault) {
        this.#logger.warn(
          `Spans were refused by ${this.#target.url}: ${fault.words}`,
        );
      }
      if (this.#lost) {
        this.#logger.warn(
          `${this.#lost} exports for ${
            this.#target.url
          } found no room and are lost.`,
        );
        this.#lost = 0;
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  async #post(
    body: Uint8Array,
  ): Promise<{ again: boolean; afterMs: number; words: string } | undefined> {
    try {
      const response = await fetch(this.#target.url, {
        method: 'POST',
        headers: {
          ...this.#target.headers,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body: Buffer.from(body),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after') ?? 0);
      return response.ok
        ? undefined
        : {
            again: RETRYABLE.includes(response.status),
            afterMs: Math.min(RETRY_MS.most, (seconds || 0) * 1_000),
            words: `status ${response.status}`,
          };
    } catch (error) {
      return { again: true, afterMs: 0, words: String(error) };
    }
  }
}

/** Sends what was written on to the collectors of the company. Nobody waits for it. */
export class Forwarder {
  readonly #lanes: Lane[];

  constructor(options: { config: TracesConfig; logger: LoggerService }) {
    this.#lanes = options.config.forward.map(
      target => new Lane(target, options.logger),
    );
  }

  get isOn(): boolean {
    return this.#lanes.length > 0;
  }

  /** Takes an export (OTLP as JSON, gzip) and returns at once. */
  add(body: Uint8Array): void {
    this.#lanes.forEach(lane => lane.add(body));
  }

  /** Sends what waits, once. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map(lane => lane.close()));
  }
}
