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
  toolRefsOf,
} from '@agentportal/plugin-agents-common';
import type { ServerEntry, ToolOverride } from './records';
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

/** What the catalog says about MCP servers and tools. */
export class ServerCatalog {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    discovery: DiscoveryService;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#discovery = options.discovery;
  }

  /** The MCP servers in order of their refs. Of two with one name, the first wins. */
  async servers(): Promise<ServerEntry[]> {
    const entities = await this.#read(
      { filter: { kind: 'API', 'spec.type': 'mcp-server' } },
      undefined,
    );
    const entries = await Promise.all(
      entities
        .map(serverEntryOf)
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

  /** What people wrote about tools, by the ref of the Tool. */
  async overrides(): Promise<Map<string, ToolOverride>> {
    const entities = await this.#read(WRITTEN_TOOLS, [
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
    const overrides = new Map<string, ToolOverride>();
    for (const entity of entities) {
      if (
        isToolEntity(entity) &&
        !isGenerated(entity) &&
        RISK_TIERS.includes(entity.spec.riskTier)
      ) {
        overrides.set(stringifyEntityRef(entity), {
          ownerRef: toolRefsOf(entity).owner,
          riskTier: entity.spec.riskTier,
          title: entity.metadata.title,
          description: entity.metadata.description,
        });
      }
    }
    return overrides;
  }

  async #read(
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

function isGenerated(entity: Entity) {
  return (
    entity.metadata.annotations?.[ANNOTATION_ORIGIN_LOCATION] ===
    GENERATED_ORIGIN
  );
}
