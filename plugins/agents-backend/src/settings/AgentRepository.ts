import * as fs from 'node:fs';
import { lstat, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import git, { type CommitObject, Errors } from 'isomorphic-git';

/** A file of settings is small; a larger one is none that the portal wrote. */
const MAX_BYTES = 256_000;

/** Who a commit is by. */
export interface Author {
  name: string;
  email: string;
}

/** A commit, as a history shows it. */
export interface Revision {
  revision: string;
  message: string;
  author: string;
  /** ISO 8601. */
  at: string;
}

/** The Git working copy of one agent, in the folder that the portal keeps. */
export class AgentRepository {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Id of the commit that is checked out. */
  head(): Promise<string> {
    return git.resolveRef({ fs, dir: this.#dir, ref: 'HEAD' });
  }

  /**
   * The text of a file in a commit; undefined where there was none.
   *
   * @throws NotFoundError for an unknown commit
   */
  async readAt(revision: string, file: string): Promise<string | undefined> {
    try {
      const { blob } = await git.readBlob({
        fs,
        dir: this.#dir,
        oid: revision,
        filepath: file,
      });
      return textOf(Buffer.from(blob), file);
    } catch (error) {
      if (!(error instanceof Errors.NotFoundError)) {
        throw error;
      }
      await this.#commitOf(revision);
      return undefined;
    }
  }

  /** The text of a file as it lies there. */
  async read(file: string): Promise<string> {
    const path = join(this.#dir, file);
    // What a link points to is not of this repository.
    if (!(await lstat(path)).isFile()) {
      throw new InputError(`${file} is no file of the repository.`);
    }
    const handle = await open(path);
    try {
      const buffer = Buffer.alloc(MAX_BYTES + 1);
      const { bytesRead } = await handle.read(buffer);
      return textOf(buffer.subarray(0, bytesRead), file);
    } finally {
      await handle.close();
    }
  }

  /** The newest `limit` commits from one on, and where the next page begins. */
  async history(
    from: string | undefined,
    limit: number,
  ): Promise<{ items: Revision[]; next?: string }> {
    const start = from ?? (await this.head());
    await this.#commitOf(start);
    const log = await git.log({
      fs,
      dir: this.#dir,
      ref: start,
      depth: limit + 1,
    });
    return {
      items: log
        .slice(0, limit)
        .map(({ oid, commit }) => revisionOf(oid, commit)),
      ...(log.length > limit && { next: log[limit].oid }),
    };
  }

  /**
   * Writes files and commits them.
   *
   * @throws ConflictError when there are changes that nobody committed, which this would take along
   */
  async commit(options: {
    files: ReadonlyMap<string, string>;
    author: Author;
    message: string;
  }): Promise<string> {
    const { author, files, message } = options;
    const names = [...files.keys()];
    const rows = await git.statusMatrix({
      fs,
      dir: this.#dir,
    });
    const staged = rows.find(row => row[3] !== row[1]);
    const touched = rows.find(row => row[2] !== 1 && names.includes(row[0]));
    const loose = staged ?? touched;
    if (loose) {
      throw new ConflictError(
        `${loose[0]} in the repository of the agent has a change that is not committed. Whoever made it commits it or takes it back first.`,
      );
    }
    const before = new Map<string, string>();
    try {
      for (const [name, text] of files) {
        before.set(name, await this.read(name));
        await this.#write(name, text);
        await git.add({ fs, dir: this.#dir, filepath: name });
      }
      return await git.commit({ fs, dir: this.#dir, author, message });
    } catch (error) {
      for (const [name, text] of before) {
        await this.#write(name, text);
        await git.resetIndex({ fs, dir: this.#dir, filepath: name });
      }
      throw error;
    }
  }

  /** The catalog reads the folder every few seconds, and never half a file. */
  async #write(name: string, text: string): Promise<void> {
    const path = join(this.#dir, name);
    const draft = join(this.#dir, '.git', `${name}.next`);
    try {
      await writeFile(draft, text);
      await rename(draft, path);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #commitOf(revision: string): Promise<void> {
    try {
      await git.readCommit({ fs, dir: this.#dir, oid: revision });
    } catch {
      throw new NotFoundError(
        `There is no revision ${revision} of this agent. Choose one of its history.`,
      );
    }
  }
}

function revisionOf(
  revision: string,
  { author, message }: CommitObject,
): Revision {
  return {
    revision,
    message: message.trim().slice(0, 1_000),
    author: author.name,
    at: new Date(author.timestamp * 1_000).toISOString(),
  };
}

function textOf(bytes: Buffer, file: string): string {
  if (bytes.length > MAX_BYTES) {
    throw new InputError(
      `${file} is larger than ${MAX_BYTES} bytes. Change it in the repository.`,
    );
  }
  return bytes.toString('utf8');
}
