import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { ConflictError, InputError } from '@backstage/errors';
import { localRepositoriesFolder } from '@agentportal/plugin-agents-node';
import git from 'isomorphic-git';
import { checkAgentName } from '../checks/agentName';

const DEFAULT_BRANCH = 'main';
// Repositories are made here and moved into place when they are whole, so that
// nobody who watches the folder ever reads half a repository.
const WORKSHOP = '.unfinished';

/** Who a commit is by. */
export interface Author {
  name: string;
  email: string;
}

/** A repository that has been made. */
export interface LocalRepository {
  /** Absolute path of the working copy. */
  path: string;
  /** Id of the first commit. */
  commit: string;
}

/**
 * The folder of Git repositories for agents that are created while no remote
 * host is configured.
 */
export class LocalRepositories {
  readonly #folder: string | undefined;

  private constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  static fromConfig(config: Config): LocalRepositories {
    return new LocalRepositories(localRepositoriesFolder(config));
  }

  get #root(): string {
    if (!this.#folder) {
      throw new InputError(
        'This portal keeps no repositories itself, because its database is one that replicas share, and they do not share a disk. Choose GitHub or GitLab.',
      );
    }
    return this.#folder;
  }

  /** Absolute path of the repository with this name, be there one or not. */
  pathOf(name: string): string {
    return resolveSafeChildPath(this.#root, checkAgentName(name));
  }

  /** Makes sure that a repository of this name can be made. */
  checkIsFree(name: string): void {
    if (fs.existsSync(this.pathOf(name))) {
      throw taken(name);
    }
  }

  /**
   * Makes a repository with one commit that holds all files of a folder.
   *
   * `origin` names what asked for it, and goes into the commit message. Asking
   * again with the same origin gives the repository that is there; anyone else
   * is refused, nothing is ever overwritten.
   */
  async create(options: {
    name: string;
    files: string;
    author: Author;
    origin: string;
    message: string;
  }): Promise<LocalRepository> {
    const path = this.pathOf(options.name);
    if (fs.existsSync(path)) {
      return this.#madeBefore(path, options);
    }
    const workshop = join(this.#root, WORKSHOP);
    const draft = join(workshop, `${options.name}-${randomUUID()}`);
    await mkdir(draft, { recursive: true });
    try {
      await cp(options.files, draft, {
        recursive: true,
        filter: source => source !== join(options.files, '.git'),
      });
      await git.init({ fs, dir: draft, defaultBranch: DEFAULT_BRANCH });
      await git.add({ fs, dir: draft, filepath: '.' });
      const commit = await git.commit({
        fs,
        dir: draft,
        author: options.author,
        message: `${options.message}\n\n${originLine(options.origin)}\n`,
      });
      await rename(draft, path).catch(error => {
        throw isInTheWay(error) ? taken(options.name) : error;
      });
      return { path, commit };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  async #madeBefore(
    path: string,
    options: { name: string; origin: string },
  ): Promise<LocalRepository> {
    const log = await git.log({ fs, dir: path }).catch(() => []);
    const first = log.at(-1);
    if (!first?.commit.message.includes(originLine(options.origin))) {
      throw taken(options.name);
    }
    return { path, commit: first.oid };
  }
}

function originLine(origin: string): string {
  return `Created-by: ${origin}`;
}

function isInTheWay(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ENOTEMPTY' || error.code === 'EEXIST';
}

function taken(name: string): ConflictError {
  return new ConflictError(
    `There is already a local repository "${name}". Choose another name; nothing was overwritten.`,
  );
}
