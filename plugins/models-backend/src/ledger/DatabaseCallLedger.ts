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
import { CallJournal } from './CallJournal';
import { CallReasons } from './CallReasons';
import {
  type ColumnValue,
  endNames,
  endValues,
  type RowHold,
  startNames,
  startValues,
} from './callRow';
import { isPostgres } from './PostgresConnection';
import { LedgerNames } from './LedgerNames';
import { SqliteConnection } from './SqliteConnection';
import { CALLS, OPEN_CALLS } from './tables';

/** Keeps the calls in the plugin's database. */
export class DatabaseCallLedger implements CallLedger {
  readonly db: Knex;
  readonly names: LedgerNames;
  readonly reasons: CallReasons;
  readonly journal: CallJournal;

  private constructor(db: Knex) {
    this.db = db;
    this.names = new LedgerNames(db);
    this.reasons = new CallReasons(db);
    this.journal = new CallJournal(db);
  }

  static async create(database: DatabaseService): Promise<DatabaseCallLedger> {
    const db = await database.getClient();
    await SqliteConnection.of(db)?.tune();
    if (!database.migrations?.skip) {
      await db.migrate.latest({
        directory: resolvePackagePath(
          '@agentportal/plugin-models-backend',
          'migrations',
        ),
      });
    }
    return new DatabaseCallLedger(db);
  }

  /** Writes an attempt down that holds nothing. */
  async open(start: AttemptStart): Promise<void> {
    const values = this.startValues(start);
    await this.journal.write({
      kind: 'open',
      attemptId: start.id,
      values: values instanceof Promise ? await values : values,
    });
  }

  /** Settles an attempt that holds nothing. */
  async settle(id: string, outcome: AttemptOutcome): Promise<void> {
    const values = this.endValues(outcome);
    await this.journal.write({
      kind: 'settle',
      attemptId: id,
      values: values instanceof Promise ? await values : values,
      costNanoUsd: outcome.costNanoUsd,
      tokens: 0,
    });
  }

  /** The row of an attempt that starts; takes no time when its names are known. */
  startValues(
    start: AttemptStart,
    hold?: RowHold,
  ): ColumnValue[] | Promise<ColumnValue[]> {
    const ids = this.names.idsOf(startNames(start));
    const reasonId = this.reasons.remembered(start.reason);
    if (ids instanceof Promise || reasonId === undefined) {
      return (async () =>
        startValues(
          start,
          await ids,
          await this.reasons.idOf(start.reason),
          hold,
        ))();
    }
    return startValues(start, ids, reasonId, hold);
  }

  /** What the end of an attempt changes in its row. */
  endValues(outcome: AttemptOutcome): ColumnValue[] | Promise<ColumnValue[]> {
    const ids = this.names.idsOf(endNames(outcome));
    return ids instanceof Promise
      ? ids.then(found => endValues(outcome, found))
      : endValues(outcome, ids);
  }

  /**
   * Closes calls that were under way when their process ended and that held
   * nothing, at the most that they can have cost, as those are that did.
   *
   * @param startedBefore - ms since the epoch; calls since then may still run
   * @returns how many there were
   */
  async closeAbandoned(startedBefore: number): Promise<number> {
    return this.db(CALLS)
      .whereIn('id', this.db(OPEN_CALLS).select('call_id'))
      .where({ status: 'started' })
      .where('created_at', '<', startedBefore)
      .whereNull('hold_set_id')
      .update({
        status: 'unreconciled',
        estimated: true,
        cost_nano_usd: this.db.raw('coalesce(held_nano_usd, 0)'),
      });
  }

  /**
   * Whether only this process writes here, so that calls which it does not know
   * cannot be under way.
   */
  get exclusive(): boolean {
    return !isPostgres(this.db);
  }
}
