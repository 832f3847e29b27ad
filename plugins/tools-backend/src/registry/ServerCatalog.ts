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
  DATA_CLASSIFICATIONS,
  RISK_TIERS,
  type RiskTier,
  toolRefsOf,
} from '@agentportal/plugin-agents-common';
import {
  isBelow,
  isMirrored,
  MIRROR_LOCATION_PREFIX,
} from '@agentportal/plugin-agents-node';
import { isAtSetAddress, type ToolJudge } from './judgeTool';
import type { ServerEntry, ToolStatement } from './records';
import { serverEntryOf } from './serverEntry';
import { compare } from './ToolStore';

const PAGE_SIZE = 200;

/** Tools that people wrote: what the catalog made out of this very registry must not hold it to that. */
const WRITTEN_TOOLS: QueryEntitiesInitialRequest = {
  query: {
    $all: [
      { kind: 'Tool' },
      {
        $not: {
          [`metadata.annotations.${ANNOTATION_ORIGIN_LOCATION}`]: `${MIRROR_LOCATION_PREFIX}agentportal-tools`,
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
  readonly #judge: ToolJudge;
  #last?: { at: number; reading: Promise<CatalogReading> };

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    discovery: DiscoveryService;
    judge: ToolJudge;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#judge = options.judge;
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

  /**
   * A name belongs to one server, and so does an address that the operator stands for:
   * under a second name nothing would be left of what is said about its tools.
   */
  async #servers(): Promise<ServerEntry[]> {
    const { trust, settingsOf } = this.#judge;
    const entities = await this.#list(
      { filter: { kind: 'API', 'spec.type': 'mcp-server' } },
      undefined,
    );
    const found = await Promise.all(
      entities.map(async entity => {
        const settings = settingsOf(stringifyEntityRef(entity));
        const entry = serverEntryOf(entity, settings);
        const url = await this.#located(entry.url);
        const isSet = isAtSetAddress({ url }, settings);
        const isTrusted = trust.mayState('serverAddress', { stating: entity });
        return {
          entry: {
            ...entry,
            url,
            isVerified: isTrusted || (settings.verified && isSet),
          },
          endpoint: await this.#endpointOf(url),
          isVouchedFor: isTrusted || isSet,
        };
      }),
    );
    found.sort(
      (a, b) =>
        Number(b.isVouchedFor) - Number(a.isVouchedFor) ||
        compare(a.entry.ref, b.entry.ref),
    );
    const names = new Map<string, string>();
    const endpoints = new Map<string, string>();
    const entries = found.map(({ entry, endpoint, isVouchedFor }) => {
      const named = names.get(entry.name);
      const served = isVouchedFor ? undefined : endpoints.get(endpoint ?? '');
      if (named) {
        return {
          ...entry,
          problem: `The name ${entry.name} belongs to ${named}; rename one of the two entities.`,
        };
      }
      if (served) {
        return {
          ...entry,
          problem: `Its address belongs to ${served}; use the tools of that server.`,
        };
      }
      names.set(entry.name, entry.ref);
      if (endpoint && isVouchedFor && !endpoints.has(endpoint)) {
        endpoints.set(endpoint, entry.ref);
      }
      return entry;
    });
    return entries.sort((a, b) => compare(a.ref, b.ref));
  }

  /** The same for all ways to write the address of one server. */
  async #endpointOf(text: string): Promise<string | undefined> {
    if (!URL.canParse(text)) {
      return undefined;
    }
    const url = new URL(text);
    const actions = await Promise.all([
      this.#discovery.getBaseUrl('mcp-actions'),
      this.#discovery.getExternalBaseUrl('mcp-actions'),
    ]);
    if (actions.some(base => isBelow(url, base))) {
      return 'mcp-actions';
    }
    const host = url.host.replace(/\.(?=:|$)/, '');
    const path = decoded(url.pathname)
      .replace(/\/+/g, '/')
      .replace(/\/$/, '')
      .toLocaleLowerCase('en-US');
    return `${host}${path}`;
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
      'spec.dataClassification',
    ]);
    const statements = new Map<string, ToolStatement>();
    for (const entity of entities) {
      const refs = refsOf(entity);
      if (
        refs &&
        !isMirrored(entity) &&
        RISK_TIERS.includes(entity.spec?.riskTier as RiskTier)
      ) {
        statements.set(stringifyEntityRef(entity), {
          entity,
          ownerRef: refs.owner,
          riskTier: entity.spec?.riskTier as RiskTier,
          dataClassification: DATA_CLASSIFICATIONS.find(
            known => known === entity.spec?.dataClassification,
          ),
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

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
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
