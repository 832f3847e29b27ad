import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import {
  MIRROR_LOCATION_PREFIX,
  originOf,
} from '@agentportal/plugin-agents-node';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type {
  CatalogService,
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/**
 * A source that suddenly has nothing has more often been set up anew than that
 * a company gave up all of its tools, so it must keep saying so.
 */
const EMPTY_AFTER_MS = 3_600_000;

/**
 * Keeps entities of one kind as some source has them.
 *
 * What people wrote in YAML wins: the entities are emitted without a location
 * key, so that a YAML entity of the same ref takes them over, and a ref that
 * someone else manages is left out. When the source does not answer, the
 * catalog keeps what it has. Nothing is remembered here, so that any replica
 * may do the next round; the catalog itself finds what has changed.
 */
export class MirrorEntityProvider implements EntityProvider {
  readonly #options: MirrorOptions;
  readonly #location: string;
  #connection: EntityProviderConnection | undefined;
  #round: Promise<void> = Promise.resolve();
  /** The round that waits for the one under way; all that happens until then is in it. */
  #next: Promise<void> | undefined;
  /** What the catalog was told of each entity. */
  #told = new Map<string, string>();
  #emptySince: number | undefined;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#location = `${MIRROR_LOCATION_PREFIX}${options.name}`;
  }

  getProviderName(): string {
    return this.#options.name;
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
  }

  /** Reads the source, and tries again until it answers. */
  async refreshUntilAnswered(signal: AbortSignal): Promise<void> {
    const { name, logger } = this.#options;
    for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs *= 2) {
      try {
        await this.refresh();
        return;
      } catch (error) {
        // One line per outage; at start it is the rule.
        if (waitMs === FIRST_RETRY_MS) {
          logger.info(
            `${name} keeps what it has until its source answers: ${error}`,
          );
        }
        await sleep(Math.min(waitMs, LAST_RETRY_MS), undefined, {
          signal,
          ref: false,
        }).catch(() => {});
      }
    }
  }

  /** Reads the source once, after any round that is under way. */
  async refresh(): Promise<void> {
    this.#next ??= this.#round = this.#round
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#refresh();
      });
    return this.#next;
  }

  async #refresh(): Promise<void> {
    if (!this.#connection) {
      return;
    }
    const { name, kind, read, logger, now = Date.now } = this.#options;
    const [entities, { own, others }] = await Promise.all([
      read(),
      this.#inCatalog(),
    ]);
    const wanted = new Map(
      entities
        .map(entity => [stringifyEntityRef(entity), entity] as const)
        .filter(([ref]) => !others.has(ref)),
    );
    const gone = own.filter(ref => !wanted.has(ref));

    this.#emptySince = entities.length ? undefined : this.#emptySince ?? now();
    if (
      gone.length &&
      this.#emptySince !== undefined &&
      now() - this.#emptySince < EMPTY_AFTER_MS
    ) {
      logger.warn(
        `The source of ${name} has nothing at all, so its ${own.length} ${kind} entities stay for another hour`,
      );
      return;
    }
    const there = new Set(own);
    const texts = new Map(
      [...wanted].map(([ref, entity]) => [ref, JSON.stringify(entity)]),
    );
    const news = [...wanted].filter(
      ([ref]) => !there.has(ref) || this.#told.get(ref) !== texts.get(ref),
    );
    if (news.length || gone.length) {
      await this.#connection.applyMutation({
        type: 'delta',
        added: news.map(([, entity]) => ({
          entity: this.#withLocation(entity),
        })),
        removed: gone.map(entityRef => ({ entityRef })),
      });
    }
    this.#told = texts;
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

  /** Refs of the kind that are from here, and that are from elsewhere. */
  async #inCatalog(): Promise<{ own: string[]; others: Set<string> }> {
    const { catalog, auth, kind } = this.#options;
    const own: string[] = [];
    const others = new Set<string>();
    const origin = `metadata.annotations.${ANNOTATION_ORIGIN_LOCATION}`;
    const pages = catalog.streamEntities(
      {
        query: { kind },
        fields: ['kind', 'metadata.namespace', 'metadata.name', origin],
      },
      { credentials: await auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      for (const entity of page) {
        const ref = stringifyEntityRef(entity);
        if (originOf(entity) === this.#location) {
          own.push(ref);
        } else {
          others.add(ref);
        }
      }
    }
    return { own, others };
  }
}

/** What a mirror needs. */
export interface MirrorOptions {
  name: string;
  kind: string;
  read: () => Promise<Entity[]>;
  catalog: CatalogService;
  auth: AuthService;
  logger: LoggerService;
  /** Milliseconds since 1970. */
  now?: () => number;
}
