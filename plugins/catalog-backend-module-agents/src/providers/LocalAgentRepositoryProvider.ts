import { randomUUID } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
} from '@backstage/catalog-model';
import {
  type CatalogService,
  type EntityProvider,
  type EntityProviderConnection,
  locationSpecToLocationEntity,
} from '@backstage/plugin-catalog-node';

const FILE_NAME = 'catalog-info.yaml';
/** Holds the name of the folder, by which the catalog tells folders apart. */
const ID_FILE = '.agent-portal-folder';
const ANNOTATION_FOLDER = 'agentportal.dev/repositories-folder';

/**
 * Registers every agent repository in a local folder: one Location entity per
 * `<folder>/<repository>/catalog-info.yaml`. Looking at the folder costs one
 * `stat` per repository, so it is done every few seconds, and an agent that
 * the scaffolder wrote shows up without anybody registering it.
 *
 * A repository belongs to its folder and not to whoever looks: the folder has a
 * name of its own in it, and only what the catalog has from a folder of this
 * name is ever taken out again, while it can be read.
 */
export class LocalAgentRepositoryProvider implements EntityProvider {
  readonly #folder: string;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  #connection: EntityProviderConnection | undefined;
  #id: string | undefined;
  /** The files that the catalog has, with the time of their last change. */
  #known: Map<string, number> | undefined;
  /** Why the folder could not be read, which is logged once. */
  #trouble: string | undefined;

  /** `folder` is an absolute path; it need not exist yet. */
  constructor(options: {
    folder: string;
    catalog: CatalogService;
    auth: AuthService;
    logger: LoggerService;
  }) {
    this.#folder = options.folder;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
  }

  getProviderName(): string {
    return 'agentportal-local-repositories';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
  }

  /** Tells the catalog about repositories that came, went or changed. */
  async refresh(): Promise<void> {
    if (!this.#connection) {
      return;
    }
    let found;
    try {
      found = await this.#look();
      const id = await this.#readId(found.size > 0);
      if (!id && !this.#id) {
        return; // Nothing was ever here.
      }
      if (this.#id && id !== this.#id) {
        throw new Error(
          id ? 'another folder is in its place' : `its ${ID_FILE} is gone`,
        );
      }
      this.#id = id;
    } catch (error) {
      this.#tellOnce(toError(error).message);
      return;
    }
    if (this.#trouble) {
      this.#logger.info(`${this.#folder} can be read again`);
      this.#trouble = undefined;
    }
    const known = (this.#known ??= await this.#readKnown(this.#id!));
    const files = [...found.keys()];
    const added = files.filter(file => !known.has(file));
    const removed = [...known.keys()].filter(file => !found.has(file));
    if (added.length || removed.length) {
      await this.#connection.applyMutation({
        type: 'delta',
        added: added.map(file => this.#location(file)),
        removed: removed.map(file => this.#location(file)),
      });
      this.#logger.info(`${found.size} agent repositories in ${this.#folder}`);
    }
    const changed = files.filter(
      file => known.has(file) && known.get(file) !== found.get(file),
    );
    if (changed.length) {
      await this.#connection.refresh({
        keys: changed.map(file => `file:${file}`),
      });
    }
    this.#known = found;
  }

  #tellOnce(trouble: string) {
    if (trouble !== this.#trouble) {
      this.#trouble = trouble;
      this.#logger.warn(
        `The agents of ${
          this.#folder
        } stay as they are until it can be read: ${trouble}. If it is gone for good, restart the portal.`,
      );
    }
  }

  /** The files, with the time of the last change of anything beside them. */
  async #look(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const name of (await readdirIfThere(this.#folder)).sort()) {
      const folder = path.join(this.#folder, name);
      const times = await Promise.all(
        [FILE_NAME, 'instructions.md'].map(file =>
          modifiedAt(path.join(folder, file)),
        ),
      );
      if (times[0] !== undefined) {
        found.set(path.join(folder, FILE_NAME), times[0] + (times[1] ?? 0));
      }
    }
    return found;
  }

  /** The name that is in the folder; a folder that is used gets one. */
  async #readId(isUsed: boolean): Promise<string | undefined> {
    const file = path.join(this.#folder, ID_FILE);
    if (isUsed) {
      await writeFile(file, `${randomUUID()}\n`, { flag: 'wx' }).catch(
        unless('EEXIST'),
      );
    }
    const text = await readFile(file, 'utf8').catch(unless('ENOENT'));
    return text?.trim() || undefined;
  }

  /** What the catalog has of this folder, from a process before this one. */
  async #readKnown(id: string): Promise<Map<string, number>> {
    const { items } = await this.#catalog.getEntities(
      {
        filter: {
          kind: 'Location',
          [`metadata.annotations.${ANNOTATION_FOLDER}`]: id,
        },
        fields: ['spec.target'],
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    // Without a time they count as changed, and are read anew.
    return new Map(items.map(({ spec }) => [String(spec?.target), 0]));
  }

  #location(file: string) {
    const entity = locationSpecToLocationEntity({
      location: { type: 'file', target: file },
    });
    const ref = `file:${file}`;
    entity.metadata.annotations = {
      ...entity.metadata.annotations,
      [ANNOTATION_LOCATION]: ref,
      [ANNOTATION_ORIGIN_LOCATION]: ref,
      [ANNOTATION_FOLDER]: this.#id!,
    };
    return { entity, locationKey: ref };
  }
}

async function readdirIfThere(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(unless('ENOENT'))) ?? [];
}

async function modifiedAt(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(unless('ENOENT', 'ENOTDIR'));
  return found?.isFile() ? found.mtimeMs : undefined;
}

/** Takes these errors for the absence of a file; others say nothing about it. */
function unless(
  ...codes: string[]
): (error: NodeJS.ErrnoException) => undefined {
  return error => {
    if (!codes.includes(error.code ?? '')) {
      throw error;
    }
    return undefined;
  };
}
