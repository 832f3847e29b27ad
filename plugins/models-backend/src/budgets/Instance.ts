import { hash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { databaseTime } from '@agentportal/plugin-agents-node';
import type { Knex } from 'knex';
import { INSTANCES } from './tables';

const HEARTBEAT_MS = 10_000;
/** A process that was not seen for so long is taken for dead. */
const DEAD_AFTER_MS = 60_000;

/** Those of this process that have not left. */
const OWN = new Set<string>();

/**
 * This process among those that call models on the same database. What a dead
 * one held is found by its absence here. Only the clock of the database counts:
 * those of two hosts need not agree.
 */
export class Instance {
  readonly id = randomBytes(9).toString('base64url');
  readonly #db: Knex;
  readonly #host: string;
  #timer?: NodeJS.Timeout;

  private constructor(db: Knex, host: string) {
    this.#db = db;
    this.#host = host;
  }

  /**
   * @param host - told apart from every place whose processes cannot be seen here
   */
  static async create(db: Knex, host = hostOfProcesses()): Promise<Instance> {
    const instance = new Instance(db, host);
    OWN.add(instance.id);
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
      .where('seen_at', '<', databaseTime(this.#db, -DEAD_AFTER_MS))
      .delete();
    const here = await this.#db(INSTANCES)
      .where({ host: this.#host })
      .select('id', 'pid');
    // Whoever had the number of this process before it began was another.
    const dead = here
      .filter(({ id, pid }) =>
        pid === process.pid ? !OWN.has(id) : !isAlive(pid),
      )
      .map(({ id }) => id);
    if (dead.length > 0) {
      await this.#db(INSTANCES).whereIn('id', dead).delete();
    }
  }

  /** Leaves, so that nothing of this process is waited for. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    OWN.delete(this.id);
    await this.#db(INSTANCES).where({ id: this.id }).delete();
  }

  /** Comes back too, when others took a process that hung for dead. */
  async #beat(): Promise<void> {
    await this.#db(INSTANCES)
      .insert({
        id: this.id,
        host: this.#host,
        pid: process.pid,
        seen_at: databaseTime(this.#db),
      })
      .onConflict('id')
      .merge(['seen_at']);
  }
}

/**
 * The place in which numbers of processes mean the same: containers have numbers
 * of their own, and may all have one name.
 */
function hostOfProcesses(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const numbers = readlinkSync('/proc/self/ns/pid');
    return hash('sha256', `${boot} ${numbers} ${hostname()}`, 'base64url');
  } catch {
    // Elsewhere than on Linux there are no such containers.
    return hostname().slice(0, 255);
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
