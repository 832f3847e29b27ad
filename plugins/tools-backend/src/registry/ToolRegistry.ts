import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { CALL_TOOL_ACTION } from '../actions/registerActions';
import { ToolIndex } from '../search/ToolIndex';
import type { LeftOut } from '../upstream/siftTools';
import type { UpstreamAuth } from '../upstream/UpstreamAuth';
import type { UpstreamConnections } from '../upstream/UpstreamConnections';
import { describeTools } from './describeTools';
import { explainFailure } from '../upstream/explainFailure';
import type {
  ServerEntry,
  ServerRecord,
  ToolDescription,
  ToolOverride,
  ToolRecord,
} from './records';
import type { ServerCatalog } from './ServerCatalog';
import { ToolStore } from './ToolStore';
import { visitServer, type Visit } from './visitServer';

const PARALLEL_VISITS = 8;
const MAX_NAMED = 5;
/** How long a process may show what another one has changed meanwhile. */
const SNAPSHOT_MS = 2_000;

/** All servers and tools at one moment. */
export interface Snapshot {
  servers: Map<string, ServerRecord>;
  /** In order of their names. */
  tools: ToolRecord[];
  byName: Map<string, ToolRecord>;
  index: ToolIndex;
}

/** Knows the MCP servers of the catalog and what each of them offers. */
export class ToolRegistry {
  readonly #store: ToolStore;
  readonly #catalog: ServerCatalog;
  readonly #connections: UpstreamConnections;
  readonly #auth: UpstreamAuth;
  readonly #logger: LoggerService;
  readonly #limits: {
    discoveryTimeoutMs: number;
    toolBytes: number;
    toolsPerServer: number;
  };
  #round?: Promise<ServerRecord[]>;
  #snapshot?: { revision: number; checkedAt: number; value: Snapshot };

  constructor(options: {
    store: ToolStore;
    catalog: ServerCatalog;
    connections: UpstreamConnections;
    auth: UpstreamAuth;
    logger: LoggerService;
    limits: {
      discoveryTimeoutMs: number;
      toolBytes: number;
      toolsPerServer: number;
    };
  }) {
    this.#store = options.store;
    this.#catalog = options.catalog;
    this.#connections = options.connections;
    this.#auth = options.auth;
    this.#logger = options.logger;
    this.#limits = options.limits;
  }

  /** The present state; read from the database only when it has changed. */
  async snapshot(): Promise<Snapshot> {
    const held = this.#snapshot;
    const now = Date.now();
    if (held && now - held.checkedAt < SNAPSHOT_MS) {
      return held.value;
    }
    const revision = await this.#store.revision();
    if (held?.revision === revision) {
      held.checkedAt = now;
      return held.value;
    }
    const [servers, tools] = await Promise.all([
      this.#store.listServers(),
      this.#store.listTools(),
    ]);
    const value: Snapshot = {
      servers: new Map(servers.map(server => [server.ref, server])),
      tools,
      byName: new Map(tools.map(tool => [tool.name, tool])),
      index: new ToolIndex(tools),
    };
    this.#snapshot = { revision, checkedAt: now, value };
    return value;
  }

  /**
   * Visits all servers, unless that was done less than the interval ago. While
   * there is no server yet, it looks each time: the catalog may still be filling.
   */
  async reconcileIfDue(intervalMs: number, signal?: AbortSignal) {
    const at = await this.#store.reconciledAt();
    const { servers } = await this.snapshot();
    if (at !== undefined && servers.size > 0 && Date.now() - at < intervalMs) {
      return;
    }
    await this.refresh({ signal });
  }

  /**
   * Reads the catalog, then visits one server, or all.
   *
   * @returns the servers that were visited.
   * @throws NotFoundError when the catalog has no such server.
   */
  async refresh(
    options: { serverRef?: string; signal?: AbortSignal } = {},
  ): Promise<ServerRecord[]> {
    if (options.serverRef) {
      return this.#refresh(options);
    }
    // Who asks meanwhile waits for the same round: many impatient people must
    // not turn into many requests to every server.
    this.#round ??= this.#refresh(options).finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #refresh(options: {
    serverRef?: string;
    signal?: AbortSignal;
  }): Promise<ServerRecord[]> {
    const [entries, overrides] = await Promise.all([
      this.#catalog.servers(),
      this.#catalog.overrides(),
    ]);
    const wanted = options.serverRef?.toLocaleLowerCase('en-US');
    const visited = entries.filter(
      ({ ref, name }) =>
        !wanted || ref === wanted || name.toLocaleLowerCase('en-US') === wanted,
    );
    if (wanted && visited.length === 0) {
      throw new NotFoundError(
        `The catalog has no MCP server "${options.serverRef}". Give the entity ref of an API with spec.type mcp-server, or its name.`,
      );
    }
    await this.#store.removeServersExcept(entries.map(({ ref }) => ref));
    const results = await this.#visitAll(visited, options.signal);
    // One after the other, in order of the refs, so that of two tools with one
    // name the same one always wins.
    const records: ServerRecord[] = [];
    for (const [i, entry] of visited.entries()) {
      if (!options.signal?.aborted) {
        records.push(await this.#save(entry, results[i], overrides));
      }
    }
    if (!wanted) {
      await this.#store.markReconciled(Date.now());
    }
    this.#snapshot = undefined;
    return records;
  }

  async #visitAll(entries: ServerEntry[], signal?: AbortSignal) {
    const before = await this.#store.listServers();
    const eras = new Map(before.map(({ ref, era }) => [ref, era]));
    const results = new Array<Visit | string>(entries.length);
    const queue = [...entries.keys()];
    const worker = async () => {
      for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
        results[i] = await this.#visit(entries[i], eras, signal);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_VISITS }, worker));
    return results;
  }

  async #visit(
    { ref, url, problem }: ServerEntry,
    eras: Map<string, string | undefined>,
    signal?: AbortSignal,
  ): Promise<Visit | string> {
    if (problem) {
      return problem;
    }
    try {
      const visit = await visitServer({
        server: { ref, url, era: eras.get(ref) },
        connections: this.#connections,
        timeoutMs: this.#limits.discoveryTimeoutMs,
        maxToolBytes: this.#limits.toolBytes,
        maxTools: this.#limits.toolsPerServer,
        signal,
      });
      return (await this.#auth.isBackstageActions(url))
        ? { ...visit, tools: visit.tools.filter(tool => !isOwnCall(tool)) }
        : visit;
    } catch (error) {
      return explainFailure(error).message;
    }
  }

  async #save(
    entry: ServerEntry,
    result: Visit | string,
    overrides: Map<string, ToolOverride>,
  ): Promise<ServerRecord> {
    const now = Date.now();
    const [servers, all] = await Promise.all([
      this.#store.listServers(),
      this.#store.listTools(),
    ]);
    const before = servers.find(({ ref }) => ref === entry.ref);
    const failed = typeof result === 'string';
    const described = describeTools({
      entry,
      overrides,
      now,
      known: all.filter(({ serverRef }) => serverRef === entry.ref),
      taken: all.filter(({ serverRef }) => serverRef !== entry.ref),
      found: failed ? undefined : result.tools,
    });
    const record: ServerRecord = {
      ref: entry.ref,
      name: entry.name,
      title: entry.title,
      url: entry.url,
      ownerRef: entry.ownerRef,
      status: statusOf(entry, failed),
      era: failed ? before?.era : result.era,
      lastSeenAt: failed ? before?.lastSeenAt : now,
      downSince: failed ? before?.downSince ?? now : undefined,
      error: failed
        ? result
        : leftOutInWords([...result.leftOut, ...described.leftOut]),
    };
    await this.#store.saveServer(record, described.tools);
    if (record.status !== before?.status || record.error !== before?.error) {
      const text = `MCP server ${record.name} is ${record.status}${
        record.error ? `: ${record.error}` : ''
      }`;
      this.#logger[record.error ? 'warn' : 'info'](text);
    }
    return record;
  }
}

/** With and without the plugin's name before it, as mcp-actions is configured. */
function isOwnCall({ toolName }: ToolDescription): boolean {
  return (
    toolName === CALL_TOOL_ACTION || toolName === `tools.${CALL_TOOL_ACTION}`
  );
}

function statusOf(entry: ServerEntry, failed: boolean): ServerRecord['status'] {
  if (entry.problem) {
    return 'unknown';
  }
  return failed ? 'down' : 'up';
}

function leftOutInWords(leftOut: LeftOut[]): string | undefined {
  if (leftOut.length === 0) {
    return undefined;
  }
  const named = leftOut
    .slice(0, MAX_NAMED)
    .map(({ name, reason }) => `${name} (${reason})`);
  if (leftOut.length > MAX_NAMED) {
    named.push(`${leftOut.length - MAX_NAMED} more`);
  }
  return `Not all tools could be taken: ${named.join(', ')}.`;
}
