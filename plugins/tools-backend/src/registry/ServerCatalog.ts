import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  ANNOTATION_ORIGIN_LOCATION,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import type { QueryEntitiesInitialRequest } from '@backstage/catalog-client';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  isToolEntity,
  RISK_TIERS,
  type RiskTier,
  toolRefsOf,
} from '@agentportal/plugin-agents-common';
import type { ServerSettings } from '../config/readToolsConfig';
import type { ServerEntry, ToolStatement } from './records';
import { serverEntryOf } from './serverEntry';
import { compare } from './ToolStore';

const PAGE_SIZE = 200;

/**
 * Origin of the Tool entities that the catalog made out of this very registry.
 * They must not count as written by people, or they would hold the registry
 * to what it said before.
 */
const GENERATED_ORIGIN = 'agentportal:agentportal-tools';

const WRITTEN_TOOLS: QueryEntitiesInitialRequest = {
  query: {
    $all: [
      { kind: 'Tool' },
      {
        $not: {
          [`metadata.annotations.${ANNOTATION_ORIGIN_LOCATION}`]:
            GENERATED_ORIGIN,
        },
      },
    ],
  },
};

/** What the catalog says about MCP servers and tools, at one moment. */
export interface CatalogReading {
  /** In order of their refs. */
  servers: ServerEntry[];
  /** What people wrote about tools, by the ref of the Tool. */
  statements: Map<string, ToolStatement>;
}

/** Reads MCP servers and tools from the catalog, and keeps what it has read. */
export class ServerCatalog {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #settingsOf: (serverRef: string) => ServerSettings;
  #last?: { at: number; reading: Promise<CatalogReading> };

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    discovery: DiscoveryService;
    settingsOf(serverRef: string): ServerSettings;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#settingsOf = options.settingsOf;
  }

  /** What the catalog said after a moment, in ms UTC. */
  async readSince(moment: number): Promise<CatalogReading> {
    if (!this.#last || this.#last.at <= moment) {
      const reading = this.#read();
      const last = { at: Date.now(), reading };
      this.#last = last;
      reading.catch(() => {
        if (this.#last === last) {
          this.#last = undefined;
        }
      });
    }
    return this.#last.reading;
  }

  async #read(): Promise<CatalogReading> {
    const [servers, statements] = await Promise.all([
      this.#servers(),
      this.#statements(),
    ]);
    return { servers, statements };
  }

  /** Of two servers with one name, the first wins. */
  async #servers(): Promise<ServerEntry[]> {
    const entities = await this.#list(
      { filter: { kind: 'API', 'spec.type': 'mcp-server' } },
      undefined,
    );
    const entries = await Promise.all(
      entities
        .map(entity =>
          serverEntryOf(entity, this.#settingsOf(stringifyEntityRef(entity))),
        )
        .sort((a, b) => compare(a.ref, b.ref))
        .map(async entry => ({
          ...entry,
          url: await this.#located(entry.url),
        })),
    );
    const owners = new Map<string, string>();
    return entries.map(entry => {
      const first = owners.get(entry.name);
      if (first) {
        return {
          ...entry,
          problem: `The name ${entry.name} belongs to ${first}; rename one of the two entities.`,
        };
      }
      owners.set(entry.name, entry.ref);
      return entry;
    });
  }

  /**
   * Where `plugin://mcp-actions/v1` is in this portal. Other addresses stay as
   * they are; the scheme is that of Backstage's fetch API in the browser.
   */
  async #located(url: string): Promise<string> {
    const [, pluginId, rest] =
      /^plugin:\/\/([a-z0-9-]+)(\/.*)?$/i.exec(url) ?? [];
    return pluginId
      ? `${await this.#discovery.getBaseUrl(pluginId)}${rest ?? ''}`
      : url;
  }

  async #statements(): Promise<Map<string, ToolStatement>> {
    const entities = await this.#list(WRITTEN_TOOLS, [
      'apiVersion',
      'kind',
      'metadata.name',
      'metadata.namespace',
      'metadata.title',
      'metadata.description',
      'metadata.annotations',
      'spec.owner',
      'spec.providedBy',
      'spec.riskTier',
    ]);
    const statements = new Map<string, ToolStatement>();
    for (const entity of entities) {
      const refs = refsOf(entity);
      if (
        refs &&
        !isGenerated(entity) &&
        RISK_TIERS.includes(entity.spec?.riskTier as RiskTier)
      ) {
        statements.set(stringifyEntityRef(entity), {
          entity,
          ownerRef: refs.owner,
          riskTier: entity.spec?.riskTier as RiskTier,
          providedByRef: refs.providedBy,
          title: entity.metadata.title,
          description: entity.metadata.description,
        });
      }
    }
    return statements;
  }

  async #list(
    request: QueryEntitiesInitialRequest,
    fields: string[] | undefined,
  ): Promise<Entity[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const entities: Entity[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#catalog.queryEntities(
        cursor
          ? { cursor, fields, limit: PAGE_SIZE }
          : { ...request, fields, limit: PAGE_SIZE },
        { credentials },
      );
      entities.push(...page.items);
      cursor = page.pageInfo.nextCursor;
    } while (cursor);
    return entities;
  }
}

/** Nothing when the entity holds refs that are none: it must not stop the others. */
function refsOf(entity: Entity) {
  try {
    return isToolEntity(entity) ? toolRefsOf(entity) : undefined;
  } catch {
    return undefined;
  }
}

function isGenerated(entity: Entity) {
  return (
    entity.metadata.annotations?.[ANNOTATION_ORIGIN_LOCATION] ===
    GENERATED_ORIGIN
  );
}
