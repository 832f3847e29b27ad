import * as fs from 'node:fs';
import { lstat, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import git, { type CommitObject, Errors } from 'isomorphic-git';

/** A file of settings is small; a larger one is none that the portal wrote. */
const MAX_BYTES = 256_000;
/** Names the files of a commit that is being made, so that half of one is taken back. */
const UNFINISHED = 'agent-portal-unfinished.json';

/** The id of a commit. */
export const COMMIT_ID = /^[0-9a-f]{40}$/;

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

  /**
   * Id of the commit that is checked out.
   *
   * @throws InputError when there is none
   */
  async head(): Promise<string> {
    try {
      return await git.resolveRef({ fs, dir: this.#dir, ref: 'HEAD' });
    } catch (error) {
      if (!(error instanceof Errors.NotFoundError)) {
        throw error;
      }
      throw new InputError(
        'Its folder is no Git repository with a commit. Whoever has the folder makes it one.',
      );
    }
  }

  /**
   * The text of a file in a commit; undefined where there was none.
   *
   * @throws NotFoundError for an unknown commit
   */
  async readAt(revision: string, file: string): Promise<string | undefined> {
    await this.#commitOf(revision);
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
      return undefined;
    }
  }

  /** The text of a file as it lies there. */
  async read(file: string): Promise<string> {
    const path = join(this.#dir, file);
    // What a link points to is not of this repository.
    const stats = await lstat(path).catch(error => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!stats?.isFile()) {
      throw new InputError(
        `${file} is no file of the repository of the agent. Whoever has the repository puts it there.`,
      );
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
    await this.#replace(this.#unfinished, JSON.stringify(names));
    try {
      for (const [name, text] of files) {
        // A link is not to be written through, nor to be replaced.
        await this.read(name);
        await this.#replace(join(this.#dir, name), text);
        await git.add({ fs, dir: this.#dir, filepath: name });
      }
      return await git.commit({ fs, dir: this.#dir, author, message });
    } finally {
      await this.takeBackUnfinished();
    }
  }

  /**
   * Takes back what of a change was written and not committed, because the process ended
   * between the two. Nobody else may be writing.
   */
  async takeBackUnfinished(): Promise<void> {
    const text = await readFile(this.#unfinished, 'utf8').catch(
      () => undefined,
    );
    if (text === undefined) {
      return;
    }
    const head = await this.head();
    for (const name of JSON.parse(text) as string[]) {
      const committed = await this.readAt(head, name);
      if (committed !== undefined && committed !== (await this.read(name))) {
        await this.#replace(join(this.#dir, name), committed);
      }
      await git.resetIndex({ fs, dir: this.#dir, filepath: name });
    }
    await rm(this.#unfinished, { force: true });
  }

  get #unfinished(): string {
    return join(this.#dir, '.git', UNFINISHED);
  }

  /** The catalog reads the folder every few seconds, and never half a file. */
  async #replace(path: string, text: string): Promise<void> {
    const draft = join(this.#dir, '.git', `${basename(path)}.next`);
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
