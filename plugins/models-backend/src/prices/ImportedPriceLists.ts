import { readFile, stat } from 'node:fs/promises';
import { LiteLlmPrices, type PriceBook } from '@agentportal/model-gateway';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { fetchText } from './fetchText';
import type { PriceListConfig } from './priceConfig';

const LISTS = 'model_price_lists';
const HOUR_MS = 3_600_000;
/** How soon a list that could not be had is asked for again. */
const RETRY_MS = 10 * 60_000;

/**
 * The price lists that the operator imports. A list that cannot be read leaves
 * the prices as they were; of a list from the network the last good copy is in
 * the database, so a start without the network has it too.
 */
export class ImportedPriceLists {
  readonly #lists: ListState[];
  readonly #db: Knex;
  readonly #priceBook: PriceBook;
  readonly #logger: LoggerService;

  constructor(options: {
    lists: PriceListConfig[];
    db: Knex;
    priceBook: PriceBook;
    logger: LoggerService;
  }) {
    this.#lists = options.lists.map(config => ({ config, triedAt: -Infinity }));
    this.#db = options.db;
    this.#priceBook = options.priceBook;
    this.#logger = options.logger;
  }

  /** What can be had without the network, for the first calls. */
  async load(): Promise<void> {
    for (const list of this.#lists) {
      const { path, url } = list.config;
      await this.#attempt(list, () =>
        path === undefined
          ? this.#readCopy(list, url!)
          : this.#readFile(list, path),
      );
    }
    this.#tell();
  }

  /** Reads again what has changed or is due. */
  async refresh(signal: AbortSignal): Promise<void> {
    const now = Date.now();
    let changed = false;
    for (const list of this.#lists) {
      const { path, url, refreshHours } = list.config;
      const before = list.prices;
      const due = (list.fetchedAt ?? -Infinity) + refreshHours * HOUR_MS;
      if (path !== undefined) {
        await this.#attempt(list, () => this.#readFile(list, path));
      } else if (now >= Math.max(due, list.triedAt + RETRY_MS)) {
        list.triedAt = now;
        await this.#attempt(list, () => this.#fetch(list, url!, signal));
      }
      changed ||= list.prices !== before;
    }
    if (changed) {
      this.#tell();
    }
  }

  #tell(): void {
    this.#priceBook.setLists(this.#lists.flatMap(({ prices }) => prices ?? []));
  }

  async #readFile(list: ListState, path: string): Promise<void> {
    const { mtimeMs } = await stat(path);
    if (list.modifiedAt !== mtimeMs) {
      this.#take(list, await readFile(path, 'utf8'));
      list.modifiedAt = mtimeMs;
    }
  }

  async #readCopy(list: ListState, source: string): Promise<void> {
    const row = await this.#db(LISTS).where({ source }).first();
    if (row) {
      this.#take(list, row.body);
      list.fetchedAt = Number(row.fetched_at);
    }
  }

  async #fetch(
    list: ListState,
    source: string,
    signal: AbortSignal,
  ): Promise<void> {
    const body = await fetchText(source, signal);
    this.#take(list, body);
    list.fetchedAt = Date.now();
    await this.#db(LISTS)
      .insert({ source, body, fetched_at: list.fetchedAt })
      .onConflict('source')
      .merge();
  }

  #take(list: ListState, text: string): void {
    list.prices = LiteLlmPrices.parse(text);
    const { size, skipped, withoutTokens } = list.prices;
    this.#logger.info(
      `Imported the prices of ${size} models from ${sourceOf(list)}`,
      { skippedEntries: skipped, entriesNotPricedByTokens: withoutTokens },
    );
  }

  async #attempt(list: ListState, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      list.failure = undefined;
    } catch (error) {
      const failure = String(error instanceof Error ? error.message : error);
      // The same failure is told once, not with every refresh.
      if (list.failure !== failure) {
        list.failure = failure;
        this.#logger.warn(
          `The price list ${sourceOf(list)} cannot be read: ${failure.slice(
            0,
            300,
          )}. ${
            list.prices
              ? 'Its last prices stay in use'
              : 'None of its prices are in use'
          }; check models.priceLists`,
        );
      }
    }
  }
}

/** A URL as it may be logged: without user, password and query. */
function sourceOf({ config }: ListState): string {
  if (config.url === undefined) {
    return config.path!;
  }
  const url = new URL(config.url);
  return `${url.origin}${url.pathname}`;
}

interface ListState {
  config: PriceListConfig;
  prices?: LiteLlmPrices;
  /** Times in milliseconds since the epoch. */
  fetchedAt?: number;
  modifiedAt?: number;
  triedAt: number;
  failure?: string;
}
