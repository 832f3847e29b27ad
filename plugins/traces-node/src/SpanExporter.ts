import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';

/**
 * Something that a plugin of the portal did, for its trace.
 *
 * @public
 */
export interface PortalSpan {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits; the same when it is told again. */
  spanId: string;
  parentId?: string;
  name: string;
  /** Milliseconds UTC. */
  startedAt: number;
  endedAt: number;
  /** Present when it failed: a short code. */
  error?: string;
  /** Why it failed. It may quote what was asked, so only a portal that keeps what is said keeps it. */
  errorMessage?: string;
  /** By the conventions of OpenTelemetry; those that are undefined are left out. */
  attributes: Record<string, string | number | boolean | undefined>;
}

/** Spans that wait; what is beyond is lost, because work goes before its record. */
const MAX_WAITING = 20_000;
const MAX_BATCH = 500;
/** They gather this long. */
const GATHER_MS = 500;
/** How long it is waited after a failure, longer each time. */
const RETRY_MS = { first: 1_000, most: 60_000 };
const TIMEOUT_MS = 15_000;
/** A plugin that only starts, here or on another host, is not found either. */
const ABSENT_AFTER_MS = 10 * 60_000;

/**
 * Hands spans to the traces plugin, wherever it runs. Nobody waits for it: spans gather, go
 * together, and come again while the plugin is away, up to a number of them.
 *
 * @public
 */
export class SpanExporter {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #logger: LoggerService;
  readonly #scope: string;
  #waiting: PortalSpan[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #retryMs = RETRY_MS.first;
  #lost = 0;
  #notFoundSince: number | undefined;

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    logger: LoggerService;
    /** Who tells, such as `@agentportal/plugin-orchestration-backend`. */
    scope: string;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#logger = options.logger;
    this.#scope = options.scope;
  }

  /** Takes spans and returns at once. */
  export(spans: PortalSpan[]): void {
    const room = MAX_WAITING - this.#waiting.length;
    this.#waiting.push(...spans.slice(0, Math.max(0, room)));
    this.#lost += Math.max(0, spans.length - room);
    this.#sendIn(GATHER_MS);
  }

  /** Sends what waits, once. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
    clearTimeout(this.#timer);
    await this.#send();
    clearTimeout(this.#timer);
  }

  #sendIn(ms: number): void {
    if (!this.#sending) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#sending = this.#send().finally(() => {
          this.#sending = undefined;
          if (this.#waiting.length) {
            this.#sendIn(this.#retryMs);
          }
        });
      }, ms).unref();
    }
  }

  async #send(): Promise<void> {
    while (this.#waiting.length) {
      const batch = this.#waiting.slice(0, MAX_BATCH);
      try {
        await this.#post(batch);
      } catch (error) {
        if (
          this.#retryMs === RETRY_MS.first &&
          this.#notFoundSince === undefined
        ) {
          this.#logger.warn(
            `Traces are not taken; up to ${MAX_WAITING} spans wait until they are. ${error}`,
          );
        }
        this.#retryMs = Math.min(RETRY_MS.most, this.#retryMs * 2);
        return;
      }
      this.#waiting.splice(0, batch.length);
      this.#retryMs = RETRY_MS.first;
      if (this.#lost) {
        this.#logger.warn(`${this.#lost} spans found no room and are lost.`);
        this.#lost = 0;
      }
    }
  }

  async #post(batch: PortalSpan[]): Promise<void> {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'traces',
    });
    const response = await fetch(
      `${await this.#discovery.getBaseUrl('traces')}/v1/traces`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(toExport(batch, this.#scope)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
    );
    const text = await response.text();
    this.#notFoundSince =
      response.status === 404 ? this.#notFoundSince ?? Date.now() : undefined;
    if (
      this.#notFoundSince !== undefined &&
      Date.now() - this.#notFoundSince >= ABSENT_AFTER_MS
    ) {
      // A portal without the plugin: there is nobody to tell.
      return;
    }
    // What cannot be read now cannot be read later.
    const isLost = [400, 413].includes(response.status);
    if (!response.ok && !isLost) {
      throw new Error(`${response.status} ${text.slice(0, 500)}`);
    }
    if (isLost || text.includes('rejectedSpans')) {
      this.#logger.warn(`Some spans were refused: ${text.slice(0, 500)}`);
    }
  }
}

/** OTLP in JSON. */
function toExport(spans: PortalSpan[], scope: string) {
  return {
    resourceSpans: [
      {
        scopeSpans: [
          {
            scope: { name: scope },
            spans: spans.map(span => ({
              traceId: span.traceId,
              spanId: span.spanId,
              ...(span.parentId && { parentSpanId: span.parentId }),
              name: span.name,
              startTimeUnixNano: `${Math.round(span.startedAt)}000000`,
              endTimeUnixNano: `${Math.round(span.endedAt)}000000`,
              ...(span.error && {
                status: {
                  code: 2,
                  ...(span.errorMessage && { message: span.errorMessage }),
                },
              }),
              attributes: Object.entries({
                ...span.attributes,
                'error.type': span.error,
              }).flatMap(([key, value]) =>
                value === undefined ? [] : [{ key, value: valueOf(value) }],
              ),
            })),
          },
        ],
      },
    ],
  };
}

function valueOf(value: string | number | boolean) {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    default:
      return Number.isInteger(value)
        ? { intValue: String(value) }
        : { doubleValue: value };
  }
}
