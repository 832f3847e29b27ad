import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { AnnouncementChannel } from './announcementChannels';
import { WINDOWS } from './budget';
import type { Crossing } from './holdBatch';
import { type BudgetRow, toBudget, type WindowRow } from './rows';
import { ANNOUNCEMENTS, BUDGETS, BUDGET_WINDOWS } from './tables';
import { windowStart } from './windows';

/** After this time another process may try what this one has not finished. */
const CLAIM_MS = 60_000;
/** Longer than any window that still matters. */
const KEEP_MS = 200 * 86_400_000;

type DueRow = BudgetRow &
  WindowRow & {
    delivered: number | null;
    claimed_until: number | string | null;
  };

/**
 * Announces thresholds that were passed. The counter of a window remembers the
 * highest one in the transaction of the spending that passed it; what each
 * channel has told stands beside it, so nothing is lost with a process, and of
 * many processes one tells it.
 */
export class BudgetAnnouncer {
  readonly #db: Knex;
  readonly #channels: AnnouncementChannel[];
  readonly #logger: LoggerService;
  #running?: Promise<void>;
  #again = false;

  constructor(options: {
    db: Knex;
    channels: AnnouncementChannel[];
    logger: LoggerService;
  }) {
    this.#db = options.db;
    this.#channels = options.channels;
    this.#logger = options.logger;
  }

  /** Announces what is due; never rejects, because the next call tries again. */
  announce(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Forgets what was told of windows that are long over. */
  async forget(): Promise<void> {
    await this.#db(ANNOUNCEMENTS)
      .where('window_start', '>', 0)
      .where('window_start', '<', Date.now() - KEEP_MS)
      .delete();
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      for (const channel of this.#channels) {
        try {
          await this.#announceOver(channel);
        } catch (error) {
          this.#logger.error(
            `Thresholds of budgets were passed and could not be announced yet: ${error}`,
          );
        }
      }
    }
    // At once, so that whoever asks from now on is not told of this run.
    this.#running = undefined;
  }

  async #announceOver(channel: AnnouncementChannel): Promise<void> {
    if (!channel.isOpen()) {
      return;
    }
    for (const row of await this.#due(channel)) {
      if (await this.#claim(channel, row)) {
        try {
          await channel.tell(crossingsOf(row));
        } catch (error) {
          // The claim runs out, and then it is tried again.
          this.#logger.warn(
            `A threshold of the budget ${row.id} was passed and could not be announced as ${channel.id}, which is tried again: ${error}`,
          );
          continue;
        }
        await this.#db(ANNOUNCEMENTS)
          .where(keyOf(channel, row))
          .update({ delivered: row.announced, claimed_until: 0 });
      }
    }
  }

  /** Of the windows that are open and the ones before them; older ones are past. */
  async #due(channel: AnnouncementChannel): Promise<DueRow[]> {
    const now = Date.now();
    const starts = new Set(
      WINDOWS.flatMap(window => {
        const start = windowStart(window, now);
        return [start, windowStart(window, start - 1)];
      }).filter(start => start >= 0),
    );
    return this.#db({ w: BUDGET_WINDOWS })
      .join({ b: BUDGETS }, 'b.id', 'w.budget_id')
      .leftJoin({ a: ANNOUNCEMENTS }, join =>
        join
          .on('a.budget_id', 'w.budget_id')
          .andOn('a.window_start', 'w.window_start')
          .andOn('a.limit_nano_usd', 'b.limit_nano_usd')
          .andOnVal('a.channel', channel.id),
      )
      .whereIn('w.window_start', [...starts])
      .where('w.announced', '>', 0)
      .whereNull('b.deleted_at')
      .whereRaw('w.announced > coalesce(a.delivered, 0)')
      .whereRaw('coalesce(a.claimed_until, 0) < ?', [now])
      .orderBy(['w.budget_id', 'w.window_start'])
      .select('b.*', 'w.*', 'a.delivered', 'a.claimed_until');
  }

  /** Of several processes that find the same, one gets it. */
  async #claim(channel: AnnouncementChannel, row: DueRow): Promise<boolean> {
    const now = Date.now();
    const key = keyOf(channel, row);
    await this.#db(ANNOUNCEMENTS)
      .insert({ ...key, delivered: 0, claimed_until: 0 })
      .onConflict(Object.keys(key))
      .ignore();
    const claimed = await this.#db(ANNOUNCEMENTS)
      .where(key)
      .where('claimed_until', '<', now)
      .where('delivered', '<', row.announced)
      .update({ claimed_until: now + CLAIM_MS });
    return claimed === 1;
  }
}

function keyOf(channel: AnnouncementChannel, row: DueRow) {
  return {
    budget_id: row.budget_id,
    window_start: row.window_start,
    limit_nano_usd: row.limit_nano_usd,
    channel: channel.id,
  };
}

/** The thresholds that were passed since the last one told, in order. */
function crossingsOf(row: DueRow): Crossing[] {
  const budget = toBudget(row);
  const told = row.delivered ?? 0;
  return budget.softThresholds
    .filter(threshold => {
      const perMille = Math.round(threshold * 1000);
      return perMille > told && perMille <= row.announced;
    })
    .map(threshold => ({
      budget,
      windowStart: Number(row.window_start),
      threshold,
      spentNanoUsd: Number(row.spent_nano_usd),
    }));
}
