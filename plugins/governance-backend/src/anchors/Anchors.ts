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
  async tell(): Promise<void> {
    for (const tree of await this.#trees.list()) {
      for (const anchor of this.#anchors) {
        try {
          await this.#tellOne(tree.id, anchor);
        } catch (error) {
          this.#logger.error(
            `The anchor ${nameOf(
              anchor,
            )} could not be told the heads of the audit log "${
              tree.tenant
            }"; this is tried again: ${error}`,
          );
        }
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
      const dir = path.resolve(anchor.path);
      const filepath = `${heads[0].tenant}.jsonl`;
      await append(path.join(dir, filepath), lines);
      await git.init({ fs, dir, defaultBranch: 'main' });
      await git.add({ fs, dir, filepath });
      const { size, time } = heads.at(-1)!;
      await git.commit({
        fs,
        dir,
        author: AUTHOR,
        message: `${heads[0].tenant}: ${size} entries at ${time}`,
      });
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
