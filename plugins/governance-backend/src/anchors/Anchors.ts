import type { TreeHead } from '@agentportal/audit-log';
import type { LoggerService } from '@backstage/backend-plugin-api';
import git from 'isomorphic-git';
import type { Knex } from 'knex';
import fs from 'node:fs';
import path from 'node:path';
import type { AnchorConfig } from '../config';
import type { TreeStore } from '../store/TreeStore';

/** Heads that are told in one go. */
const BATCH = 500;
const TIMEOUT_MS = 10_000;
/** A commit has the whole file of its day again, and four objects; so not each minute. */
const COMMIT_EVERY_MS = 3_600_000;
const AUTHOR = { name: 'Agent Portal', email: 'agent-portal@localhost' };

/**
 * Keeps signed heads where the portal's own database is not, so that nobody who has it
 * and its keys can write the log anew unnoticed. A head is told again when an anchor
 * did not answer, and stays in line until it has.
 */
export class Anchors {
  readonly #knex: Knex;
  readonly #trees: TreeStore;
  readonly #anchors: AnchorConfig[];
  readonly #logger: LoggerService;

  constructor(options: {
    knex: Knex;
    trees: TreeStore;
    anchors: AnchorConfig[];
    logger: LoggerService;
  }) {
    this.#knex = options.knex;
    this.#trees = options.trees;
    this.#anchors = options.anchors;
    this.#logger = options.logger;
  }

  /** Tells each anchor what it does not have yet. */
  async tell(now = Date.now()): Promise<void> {
    const trees = await this.#trees.list();
    for (const anchor of this.#anchors) {
      const tried = async (what: string, act: () => Promise<void>) => {
        try {
          await act();
        } catch (error) {
          this.#logger.error(
            `The anchor ${nameOf(
              anchor,
            )} could not ${what}; this is tried again: ${error}`,
          );
        }
      };
      for (const { id, tenant } of trees) {
        await tried(`be told the heads of the audit log "${tenant}"`, () =>
          this.#tellOne(id, anchor),
        );
      }
      if (anchor.type === 'git') {
        await tried('commit', () => commit(path.resolve(anchor.path), now));
      }
    }
  }

  async #tellOne(tree: number, anchor: AnchorConfig): Promise<void> {
    const place = { anchor: nameOf(anchor), tree };
    const told = await this.#knex('audit_anchors').where(place).first();
    let size = Number(told?.size ?? 0);
    for (;;) {
      const heads = await this.#trees.heads(tree, size, BATCH);
      if (heads.length === 0) {
        return;
      }
      await deliver(anchor, heads);
      size = heads.at(-1)!.size;
      await this.#knex('audit_anchors')
        .insert({ ...place, size })
        .onConflict(['anchor', 'tree'])
        .merge(['size']);
    }
  }
}

function nameOf(anchor: AnchorConfig): string {
  return `${anchor.type} ${
    anchor.type === 'webhook' ? anchor.url : path.resolve(anchor.path)
  }`.slice(0, 255);
}

async function deliver(anchor: AnchorConfig, heads: TreeHead[]): Promise<void> {
  const lines = heads.map(head => `${JSON.stringify(head)}\n`).join('');
  switch (anchor.type) {
    case 'file':
      await append(path.resolve(anchor.path), lines);
      break;
    case 'git': {
      const day = new Date().toISOString().slice(0, 10);
      await append(
        path.join(path.resolve(anchor.path), heads[0].tenant, `${day}.jsonl`),
        lines,
      );
      break;
    }
    default: {
      const response = await fetch(anchor.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(anchor.token && { authorization: `Bearer ${anchor.token}` }),
        },
        body: JSON.stringify({ heads }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) {
        throw new Error(`It answered ${response.status}.`);
      }
    }
  }
}

/** Commits what came since, when the last commit is old enough. */
async function commit(dir: string, now: number): Promise<void> {
  const repository = { fs, dir };
  await git.init({ ...repository, defaultBranch: 'main' });
  const [last] = await git.log({ ...repository, depth: 1 }).catch(() => []);
  const lastAt = (last?.commit.committer.timestamp ?? 0) * 1_000;
  if (now - lastAt < COMMIT_EVERY_MS) {
    return;
  }
  const files = await git.statusMatrix({
    ...repository,
    filter: file => file.endsWith('.jsonl'),
  });
  const CHANGED = 2;
  const changed = files.flatMap(([file, , there]) =>
    there === CHANGED ? file : [],
  );
  if (changed.length === 0) {
    return;
  }
  await git.add({ ...repository, filepath: changed });
  await git.commit({
    ...repository,
    author: { ...AUTHOR, timestamp: Math.floor(now / 1_000) },
    message: `Heads of the audit log up to ${new Date(now).toISOString()}`,
  });
}

async function append(file: string, text: string): Promise<void> {
  await fs.promises.mkdir(path.dirname(file), { recursive: true });
  const handle = await fs.promises.open(file, 'a');
  try {
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
