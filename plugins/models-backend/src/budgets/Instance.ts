import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Knex } from 'knex';
import { INSTANCES } from './tables';

const HEARTBEAT_MS = 10_000;
/** A process that was not seen for so long is taken for dead. */
const DEAD_AFTER_MS = 60_000;

/**
 * This process among those that call models on the same database. What a dead
 * one held is found by its absence here.
 */
export class Instance {
  readonly id = randomBytes(9).toString('base64url');
  readonly #db: Knex;
  readonly #host = hostname().slice(0, 255);
  #timer?: NodeJS.Timeout;

  private constructor(db: Knex) {
    this.#db = db;
  }

  static async create(db: Knex): Promise<Instance> {
    const instance = new Instance(db);
    await instance.#beat();
    instance.#timer = setInterval(() => {
      // Without a database nobody else can take this process for dead either.
      instance.#beat().catch(() => {});
    }, HEARTBEAT_MS);
    instance.#timer.unref();
    return instance;
  }

  /**
   * Strikes off the dead: who was not seen for long, and on this host whoever's
   * process is not there any more.
   */
  async buryDead(): Promise<void> {
    await this.#db(INSTANCES)
      .where('seen_at', '<', Date.now() - DEAD_AFTER_MS)
      .delete();
    const here = await this.#db(INSTANCES)
      .where({ host: this.#host })
      .whereNot({ id: this.id })
      .select('id', 'pid', 'seen_at');
    // In a container every process has the same number: whoever had that of this
    // one before it began was another.
    const dead = here
      .filter(({ pid, seen_at: seenAt }) =>
        pid === process.pid
          ? Number(seenAt) < performance.timeOrigin
          : !isAlive(pid),
      )
      .map(({ id }) => id);
    if (dead.length > 0) {
      await this.#db(INSTANCES).whereIn('id', dead).delete();
    }
  }

  /** Leaves, so that nothing of this process is waited for. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#db(INSTANCES).where({ id: this.id }).delete();
  }

  /** Comes back too, when others took a process that hung for dead. */
  async #beat(): Promise<void> {
    await this.#db(INSTANCES)
      .insert({
        id: this.id,
        host: this.#host,
        pid: process.pid,
        seen_at: Date.now(),
      })
      .onConflict('id')
      .merge(['seen_at']);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is there, though it may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
