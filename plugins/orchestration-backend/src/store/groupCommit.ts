import { isSqlite } from '@agentportal/plugin-agents-node';
import { ConflictError } from '@backstage/errors';
import type { Knex } from 'knex';

/** So many share a transaction at most, so that none of them waits for long. */
const MOST = 50;

interface Waiting {
  write: (tx: Knex.Transaction) => Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

interface Queue {
  waiting: Waiting[];
  isWriting: boolean;
}

const queues = new WeakMap<Knex, Queue>();

/**
 * Writes in a transaction, and resolves once that is on disk. On SQLite all that waits for
 * the one connection shares a transaction: beginning and committing one takes longer than
 * most of what is written in it, on the thread that serves everybody.
 *
 * @param write - throws a ConflictError before it writes anything, if it does; on any other
 *   error it may be called again
 */
export async function groupCommit(
  knex: Knex,
  write: Waiting['write'],
): Promise<void> {
  if (!isSqlite(knex)) {
    await knex.transaction(write);
    return;
  }
  const queue = queues.get(knex) ?? { waiting: [], isWriting: false };
  queues.set(knex, queue);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  queue.waiting.push({ write, resolve, reject });
  if (!queue.isWriting) {
    queue.isWriting = true;
    void drain(knex, queue);
  }
  await promise;
}

async function drain(knex: Knex, queue: Queue): Promise<void> {
  while (queue.waiting.length) {
    const group = queue.waiting.splice(0, MOST);
    try {
      await writeTogether(knex, group);
    } catch {
      // The others have no part in what is wrong with one of them.
      for (const each of group) {
        await knex.transaction(each.write).then(each.resolve, each.reject);
      }
    }
  }
  queue.isWriting = false;
}

async function writeTogether(knex: Knex, group: Waiting[]): Promise<void> {
  const refused = new Map<Waiting, ConflictError>();
  await knex.transaction(async tx => {
    for (const each of group) {
      try {
        await each.write(tx);
      } catch (error) {
        if (!(error instanceof ConflictError)) {
          throw error;
        }
        refused.set(each, error);
      }
    }
  });
  for (const each of group) {
    const error = refused.get(each);
    if (error) {
      each.reject(error);
    } else {
      each.resolve();
    }
  }
}
