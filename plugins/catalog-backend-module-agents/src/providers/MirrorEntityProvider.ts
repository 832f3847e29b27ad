import { createHash } from 'node:crypto';
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type {
  CatalogService,
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import { ANNOTATION_LAST_SEEN } from '@agentportal/plugin-agents-common';

const HOUR_MS = 3_600_000;

/**
 * Keeps entities of one kind as some source has them.
 *
 * What people wrote in YAML wins: the entities are emitted without a location
 * key, so that a YAML entity of the same ref takes them over, and a ref that
 * someone else manages is left out. When the source does not answer, the
 * catalog keeps what it has.
 */
export class MirrorEntityProvider implements EntityProvider {
  readonly #name: string;
  readonly #kind: string;
  readonly #read: () => Promise<Entity[]>;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #logger: LoggerService;
  readonly #intervalMs: number;
  #connection: EntityProviderConnection | undefined;
  #appliedHash: string | undefined;
  #succeededAt = Number.NEGATIVE_INFINITY;
  #silent = false;

  private constructor(options: MirrorOptions) {
    this.#name = options.name;
    this.#kind = options.kind;
    this.#read = options.read;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#intervalMs = options.intervalMs;
  }

  static create(options: MirrorOptions): MirrorEntityProvider {
    return new MirrorEntityProvider(options);
  }

  getProviderName(): string {
    return this.#name;
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
  }

  /**
   * To be called every few seconds. Reads the source when it is time, and at
   * every call as long as it has not answered.
   */
  async tick(): Promise<void> {
    if (Date.now() - this.#succeededAt < this.#intervalMs) {
      return;
    }
    try {
      await this.refresh();
      this.#succeededAt = Date.now();
      this.#silent = false;
    } catch (error) {
      // One line per outage: at start, and in an outage, this repeats quickly.
      if (!this.#silent) {
        this.#silent = true;
        this.#logger.info(
          `${this.#name} keeps what it has until its source answers: ${error}`,
        );
      }
    }
  }

  /** Reads the source and tells the catalog, if anything has changed. */
  async refresh(): Promise<void> {
    if (!this.#connection) {
      return;
    }
    const [entities, others] = await Promise.all([
      this.#read(),
      this.#managedByOthers(),
    ]);
    const own = new Map<string, Entity>();
    for (const entity of entities) {
      const ref = stringifyEntityRef(entity);
      if (!others.has(ref) && !own.has(ref)) {
        own.set(ref, this.#withLocation(entity));
      }
    }
    const sorted = [...own.keys()].sort().map(ref => own.get(ref)!);
    const hash = hashOf(sorted);
    if (hash === this.#appliedHash) {
      return;
    }
    await this.#connection.applyMutation({
      type: 'full',
      entities: sorted.map(entity => ({ entity })),
    });
    this.#appliedHash = hash;
    this.#logger.info(
      `${this.#name} gave the catalog ${sorted.length} ${this.#kind} entities`,
    );
  }

  get #location(): string {
    return `agentportal:${this.#name}`;
  }

  #withLocation(entity: Entity): Entity {
    return {
      ...entity,
      metadata: {
        ...entity.metadata,
        annotations: {
          ...entity.metadata.annotations,
          [ANNOTATION_LOCATION]: this.#location,
          [ANNOTATION_ORIGIN_LOCATION]: this.#location,
        },
      },
    };
  }

  async #managedByOthers(): Promise<Set<string>> {
    const refs = new Set<string>();
    const pages = this.#catalog.streamEntities(
      {
        query: {
          $all: [
            { kind: this.#kind },
            {
              $not: {
                [`metadata.annotations.${ANNOTATION_ORIGIN_LOCATION}`]:
                  this.#location,
              },
            },
          ],
        },
        fields: ['kind', 'metadata.namespace', 'metadata.name'],
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      for (const entity of page) {
        refs.add(stringifyEntityRef(entity));
      }
    }
    return refs;
  }
}

/** What a mirror needs. */
export interface MirrorOptions {
  name: string;
  kind: string;
  read: () => Promise<Entity[]>;
  /** How often the source is read, in milliseconds. */
  intervalMs: number;
  catalog: CatalogService;
  auth: AuthService;
  logger: LoggerService;
}

/**
 * Sightings count by the hour, or the catalog would process everything anew
 * each time that a healthy server is asked.
 */
function hashOf(entities: Entity[]): string {
  const hash = createHash('sha256');
  for (const entity of entities) {
    const { annotations = {}, ...metadata } = entity.metadata;
    const { [ANNOTATION_LAST_SEEN]: seen, ...others } = annotations;
    const hour = seen ? Math.floor(Date.parse(seen) / HOUR_MS) : 0;
    hash.update(
      JSON.stringify([entity.kind, entity.spec, metadata, others, hour]),
    );
  }
  return hash.digest('hex');
}
