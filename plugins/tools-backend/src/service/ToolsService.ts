import type { PermissionsService } from '@backstage/backend-plugin-api';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import {
  serverRefreshPermission,
  type ServerList,
  type ServerSummary,
  type ToolList,
  type ToolSummary,
} from '@agentportal/plugin-tools-common';
import type { Caller } from '../gateway/Caller';
import type { Judgement, ToolDecisions } from '../gateway/ToolDecisions';
import type { CallLedger } from '../ledger/CallLedger';
import type { ServerRecord, ToolRecord } from '../registry/records';
import type { ToolRegistry } from '../registry/ToolRegistry';
import { compare } from '../registry/ToolStore';
import { pageAfter } from './paging';

const DEFAULT_LIMIT = 25;

/** What people and programs read about servers and tools. */
export class ToolsService {
  readonly #registry: ToolRegistry;
  readonly #decisions: ToolDecisions;
  readonly #ledger: CallLedger;
  readonly #permissions: PermissionsService;

  constructor(options: {
    registry: ToolRegistry;
    decisions: ToolDecisions;
    ledger: CallLedger;
    permissions: PermissionsService;
  }) {
    this.#registry = options.registry;
    this.#decisions = options.decisions;
    this.#ledger = options.ledger;
    this.#permissions = options.permissions;
  }

  /** A page of the servers, in order of their names. */
  async listServers(
    caller: Caller,
    query: { limit?: number; cursor?: string } = {},
  ): Promise<ServerList> {
    const [{ servers, tools }, canRead] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
    ]);
    const visible = tools.filter(canRead);
    const page = pageAfter({
      items: [...servers.values()].sort(
        (a, b) => compare(a.name, b.name) || compare(a.ref, b.ref),
      ),
      // Two entities may claim one name, so the ref is part of the key.
      keyOf: server => `${server.name}\u0000${server.ref}`,
      cursor: query.cursor,
      limit: query.limit ?? DEFAULT_LIMIT,
    });
    return {
      ...page,
      items: page.items.map(server => toServerSummary(server, visible)),
    };
  }

  /**
   * Visits one server, or all.
   *
   * @throws NotAllowedError without the permission `tools.server.refresh`.
   */
  async refreshServers(
    caller: Caller,
    options: { serverRef?: string } = {},
  ): Promise<{ items: ServerSummary[] }> {
    const [{ result }] = await this.#permissions.authorize(
      [{ permission: serverRefreshPermission }],
      { credentials: caller.credentials },
    );
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `${caller.ref} has no permission (tools.server.refresh) to refresh servers.`,
      );
    }
    const records = await this.#registry.refresh(options);
    const [{ tools }, canRead] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
    ]);
    const visible = tools.filter(canRead);
    return { items: records.map(record => toServerSummary(record, visible)) };
  }

  /** A page of the tools that the caller may see; ranked when there is a `q`. */
  async listTools(
    caller: Caller,
    query: {
      q?: string;
      server?: string;
      riskTier?: RiskTier;
      limit?: number;
      cursor?: string;
    } = {},
  ): Promise<ToolList> {
    const [snapshot, canRead, judge] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
      this.#decisions.canCall(caller),
    ]);
    const q = query.q?.trim();
    const server = query.server?.toLocaleLowerCase('en-US');
    const items = (q ? snapshot.index.search(query.q!) : snapshot.tools).filter(
      tool =>
        (!query.riskTier || tool.riskTier === query.riskTier) &&
        (!server || isServer(snapshot.servers, tool, server)) &&
        canRead(tool),
    );
    const page = pageAfter({
      items,
      keyOf: tool => tool.name,
      cursor: query.cursor,
      limit: query.limit ?? DEFAULT_LIMIT,
      ranked: Boolean(q),
    });
    const stats = await this.#ledger.stats(page.items.map(tool => tool.name));
    return {
      ...page,
      totalItems: items.length,
      items: page.items.map(tool =>
        toToolSummary(tool, snapshot.servers, judge(tool), stats),
      ),
    };
  }

  /**
   * Reads one tool.
   *
   * @throws NotFoundError when there is none that the caller may see.
   */
  async getTool(caller: Caller, name: string): Promise<ToolSummary> {
    const [{ byName, servers }, canRead, judge, stats] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
      this.#decisions.canCall(caller),
      this.#ledger.stats([name]),
    ]);
    const tool = byName.get(name);
    if (!tool || !canRead(tool)) {
      throw new NotFoundError(
        `There is no tool "${name}". List the tools to see their names.`,
      );
    }
    return toToolSummary(tool, servers, judge(tool), stats);
  }
}

function isServer(
  servers: Map<string, ServerRecord>,
  tool: ToolRecord,
  wanted: string,
) {
  const name = servers.get(tool.serverRef)?.name.toLocaleLowerCase('en-US');
  return tool.serverRef === wanted || name === wanted;
}

function toServerSummary(
  server: ServerRecord,
  visible: ToolRecord[],
): ServerSummary {
  return {
    ref: server.ref,
    name: server.name,
    title: server.title,
    url: server.url,
    status: server.status,
    ...(server.era ? { era: server.era } : {}),
    toolCount: visible.filter(tool => tool.serverRef === server.ref).length,
    ...(server.lastSeenAt
      ? { lastSeenAt: new Date(server.lastSeenAt).toISOString() }
      : {}),
    ...(server.error ? { error: server.error } : {}),
  };
}

function toToolSummary(
  tool: ToolRecord,
  servers: Map<string, ServerRecord>,
  judgement: Judgement,
  stats: Map<string, ToolSummary['stats30d']>,
): ToolSummary {
  const server = servers.get(tool.serverRef);
  return {
    ref: tool.ref,
    name: tool.name,
    title: tool.title,
    description: tool.description,
    serverRef: tool.serverRef,
    toolName: tool.toolName,
    ownerRef: tool.ownerRef,
    riskTier: tool.riskTier,
    status: tool.status,
    ...(tool.status === 'stale'
      ? {
          statusReason: `The server ${
            server?.name ?? tool.serverRef
          } is not answering: ${server?.error ?? 'it was not visited yet'}.`,
        }
      : {}),
    ...(tool.annotations ? { annotations: tool.annotations } : {}),
    inputSchema: tool.inputSchema,
    ...(tool.outputSchema ? { outputSchema: tool.outputSchema } : {}),
    lastChangedAt: new Date(tool.lastChangedAt).toISOString(),
    lastSeenAt: new Date(tool.lastSeenAt).toISOString(),
    allowed: judgement.allowed,
    ...(judgement.allowed ? {} : { deniedReason: judgement.reason }),
    stats30d: stats.get(tool.name) ?? { calls: 0, errors: 0 },
  };
}
