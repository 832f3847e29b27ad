import type {
  AttemptOutcome,
  AttemptStart,
  CallLedger,
} from '@agentportal/model-gateway';
import {
  type DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import { GroupedWrites } from './GroupedWrites';
import { LedgerNames } from './LedgerNames';
import { SqliteConnection } from './SqliteConnection';
import { CALLS } from './tables';

/** Token columns are 32 bits wide; no model reads or writes that much at once. */
const MAX_TOKENS = 2 ** 31 - 1;

/** Keeps the calls in the plugin's database. */
export class DatabaseCallLedger implements CallLedger {
  readonly db: Knex;
  readonly names: LedgerNames;
  readonly #writes: GroupedWrites;

  private constructor(db: Knex) {
    this.db = db;
    this.names = new LedgerNames(db);
    this.#writes = new GroupedWrites(db);
  }

  static async create(database: DatabaseService): Promise<DatabaseCallLedger> {
    const db = await database.getClient();
    if (!database.migrations?.skip) {
      await db.migrate.latest({
        directory: resolvePackagePath(
          '@agentportal/plugin-models-backend',
          'migrations',
        ),
      });
    }
    await SqliteConnection.of(db)?.tune();
    return new DatabaseCallLedger(db);
  }

  async open(start: AttemptStart): Promise<void> {
    await this.#writes.insert(await this.toRow(start));
  }

  async settle(id: string, outcome: AttemptOutcome): Promise<void> {
    await this.end(id, outcome);
  }

  /**
   * Settles an attempt that holds nothing on a budget.
   *
   * @returns whether there was one that had not ended
   */
  async end(id: string, outcome: AttemptOutcome): Promise<boolean> {
    return this.#writes.end(id, await this.toUpdate(outcome));
  }

  /** The row of an attempt that starts. */
  async toRow(start: AttemptStart): Promise<Record<string, unknown>> {
    const { account } = start;
    return {
      id: start.id,
      created_at: start.createdAt,
      status: 'started',
      provider_id: await this.names.idOf(start.provider),
      model_id: await this.names.idOf(start.model),
      route_id: await this.names.idOf(start.route),
      agent_id: await this.names.idOf(account.agentRef),
      owner_id: await this.names.idOf(account.ownerRef),
      system_id: await this.names.idOf(account.systemRef),
      domain_id: await this.names.idOf(account.domainRef),
      user_id: await this.names.idOf(account.userRef),
      run_id: account.runId?.slice(0, 64) ?? null,
      step: account.step ?? null,
    };
  }

  /** What the end of an attempt changes in its row. */
  async toUpdate(outcome: AttemptOutcome): Promise<Record<string, unknown>> {
    const { usage } = outcome;
    const tokens = (count: number) => Math.min(count, MAX_TOKENS);
    return {
      status: outcome.status,
      error_id: await this.names.idOf(outcome.errorCode),
      duration_ms: outcome.durationMs,
      ttfb_ms: outcome.ttfbMs ?? null,
      input_uncached: tokens(usage.inputUncached),
      cache_read: tokens(usage.cacheRead),
      cache_write: tokens(usage.cacheWrite),
      output_text: tokens(usage.outputText),
      reasoning: tokens(usage.reasoning),
      cost_nano_usd: outcome.costNanoUsd,
      price_version_id: await this.names.idOf(outcome.priceVersion),
      estimated: outcome.estimated,
    };
  }

  /**
   * Closes calls that were under way when their process ended and that no budget
   * held anything for. What they cost is not known, and the row says so.
   *
   * @param startedBefore - ms since the epoch; calls since then may still run
   * @returns how many there were
   */
  async closeAbandoned(startedBefore: number): Promise<number> {
    return this.db(CALLS)
      .where({ status: 'started' })
      .where('created_at', '<', startedBefore)
      .whereNull('held_nano_usd')
      .update({ status: 'unreconciled', estimated: true });
  }

  /**
   * Whether only this process writes here, so that calls which it does not know
   * cannot be under way.
   */
  get exclusive(): boolean {
    return !String(this.db.client.config.client).startsWith('pg');
  }
}
