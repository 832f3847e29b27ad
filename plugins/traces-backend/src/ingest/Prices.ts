import {
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import { ModelsClient } from '@agentportal/plugin-models-common';
import type {
  AuthService,
  DiscoveryService,
  LoggerService,
} from '@backstage/backend-plugin-api';

type Price = NonNullable<
  Awaited<ReturnType<ModelsClient['listModels']>>['items'][number]['price']
>;

const REFRESH_MS = 5 * 60_000;
/** Spans do not wait longer for the first list. */
const WAIT_MS = 1_000;
const MAX_PAGES = 50;

/** Tokens of one call; those of the cache are among those of the input. */
export interface CallTokens {
  inputTokens?: number;
  outputTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
}

/**
 * What tokens cost by the price list of the model service, for spans that tell their
 * tokens and no money.
 */
export class Prices {
  readonly #client: ModelsClient;
  readonly #ask: PluginAsker;
  readonly #logger: LoggerService;
  #byName = new Map<string, Price | null>();
  #loading: Promise<void> | undefined;
  #loadedAt = 0;

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    logger: LoggerService;
  }) {
    this.#logger = options.logger;
    this.#client = new ModelsClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch: (...args) => fetch(...args) },
    });
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'models',
      timeoutMs: 10_000,
      away: 'The model service does not tell its prices.',
    });
  }

  /** Looks for a newer list; waits a moment when there is none at all. */
  async refresh(): Promise<void> {
    if (!this.#loading && this.#loadedAt < Date.now() - REFRESH_MS) {
      this.#loading = this.#load()
        .catch(error =>
          this.#logger.debug(`Costs of spans are not reckoned now: ${error}`),
        )
        .finally(() => {
          this.#loadedAt = Date.now();
          this.#loading = undefined;
        });
    }
    if (this.#loading && this.#byName.size === 0) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        this.#loading,
        new Promise(resolve => {
          timer = setTimeout(resolve, WAIT_MS);
        }),
      ]);
      clearTimeout(timer);
    }
  }

  /** In nano-USD; undefined when no price is known under these names. */
  costOf(
    names: string[],
    provider: string | undefined,
    tokens: CallTokens,
  ): number | undefined {
    const { inputTokens: input, outputTokens: output } = tokens;
    if (input === undefined && output === undefined) {
      return undefined;
    }
    const price = names
      .flatMap(name => (provider ? [`${provider}/${name}`, name] : [name]))
      .map(name => this.#byName.get(name.toLowerCase()))
      .find(found => found);
    if (!price) {
      return undefined;
    }
    const read = tokens.cacheReadTokens ?? 0;
    const written = tokens.cacheWriteTokens ?? 0;
    const plain = price.inputNanoUsdPerMillionTokens;
    const perMillion =
      Math.max(0, (input ?? 0) - read - written) * plain +
      read * (price.cacheReadNanoUsdPerMillionTokens ?? plain) +
      written * (price.cacheWriteNanoUsdPerMillionTokens ?? plain) +
      (output ?? 0) * price.outputNanoUsdPerMillionTokens;
    return Math.round(perMillion / 1_000_000);
  }

  async #load(): Promise<void> {
    const byName = new Map<string, Price | null>();
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { limit: 100, cursor };
      const { items, nextCursor } = await this.#ask(by =>
        this.#client.listModels(query, by),
      );
      for (const { id, price, type } of items) {
        // What a route costs depends on the model that answered.
        if (price && type !== 'route') {
          const name = id.toLowerCase();
          byName.set(name, price);
          const bare = name.slice(name.indexOf('/') + 1);
          // Two providers, two prices: without the provider nobody knows which.
          byName.set(bare, byName.has(bare) ? null : price);
        }
      }
      cursor = nextCursor;
      if (!cursor) {
        break;
      }
    }
    this.#byName = byName;
  }
}
