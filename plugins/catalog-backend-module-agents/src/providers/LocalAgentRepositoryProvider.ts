import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
} from '@backstage/catalog-model';
import {
  type EntityProvider,
  type EntityProviderConnection,
  locationSpecToLocationEntity,
} from '@backstage/plugin-catalog-node';

const FILE_NAME = 'catalog-info.yaml';

/**
 * Registers every agent repository in a local folder: one Location entity per
 * `<folder>/<repository>/catalog-info.yaml`. Looking at the folder costs one
 * `stat` per repository, so it is done every few seconds, and an agent that
 * the scaffolder wrote shows up without anybody registering it.
 *
 * @public
 */
export class LocalAgentRepositoryProvider implements EntityProvider {
  readonly #folder: string;
  readonly #logger: LoggerService;
  #connection: EntityProviderConnection | undefined;
  #seen: Map<string, number> | undefined;

  private constructor(options: { folder: string; logger: LoggerService }) {
    this.#folder = options.folder;
    this.#logger = options.logger;
  }

  /** `folder` is an absolute path; it need not exist yet. */
  static create(options: {
    folder: string;
    logger: LoggerService;
  }): LocalAgentRepositoryProvider {
    return new LocalAgentRepositoryProvider(options);
  }

  getProviderName(): string {
    return 'agentportal-local-repositories';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    await this.refresh();
  }

  /** Tells the catalog about repositories that came, went or changed. */
  async refresh(): Promise<void> {
    if (!this.#connection) {
      return;
    }
    const found = await this.#look();
    const seen = this.#seen;
    const sameFiles =
      seen?.size === found.size && [...found.keys()].every(f => seen.has(f));
    if (!sameFiles) {
      await this.#connection.applyMutation({
        type: 'full',
        entities: [...found.keys()].map(file => this.#location(file)),
      });
      this.#logger.info(`${found.size} agent repositories in ${this.#folder}`);
    }
    const changed = [...found].filter(
      ([file, time]) => seen?.has(file) && seen.get(file) !== time,
    );
    if (changed.length) {
      await this.#connection.refresh({
        keys: changed.map(([file]) => `file:${file}`),
      });
    }
    this.#seen = found;
  }

  /** The files, with the time of the last change of anything beside them. */
  async #look(): Promise<Map<string, number>> {
    let names: string[];
    try {
      names = (await readdir(this.#folder)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return new Map();
      }
      throw error;
    }
    const found = new Map<string, number>();
    for (const name of names) {
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

  #location(file: string) {
    const entity = locationSpecToLocationEntity({
      location: { type: 'file', target: file },
    });
    const ref = `file:${file}`;
    entity.metadata.annotations = {
      ...entity.metadata.annotations,
      [ANNOTATION_LOCATION]: ref,
      [ANNOTATION_ORIGIN_LOCATION]: ref,
    };
    return { entity, locationKey: ref };
  }
}

async function modifiedAt(file: string): Promise<number | undefined> {
  try {
    const found = await stat(file);
    return found.isFile() ? found.mtimeMs : undefined;
  } catch {
    return undefined;
  }
}
