import type { LoggerService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import type { ToolChanges } from '../changes/ToolChanges';
import type { ToolSchemas } from '../schemas/ToolSchemas';
import { ToolIndex } from '../search/ToolIndex';
import type { RejectedTool } from '../upstream/filterTools';
import { toUpstreamError } from '../upstream/toUpstreamError';
import type { UpstreamConnections } from '../upstream/UpstreamConnections';
import { UpstreamError } from '../upstream/UpstreamError';
import { toolNamesOf } from '@agentportal/plugin-tools-common';
import { describeTools, type FindSchemaProblem } from './describeTools';
import { judgeTool, type ToolJudge } from './judgeTool';
import type {
  ServerEntry,
  ServerRecord,
  ToolRecord,
  ToolStatement,
} from './records';
import type { CatalogReading, ServerCatalog } from './ServerCatalog';
import { compare, type ToolStore } from './ToolStore';
import { visitServer, type Visit, type VisitLimits } from './visitServer';

const PARALLEL_VISITS = 8;
const MAX_NAMED = 5;
/**
 * What a visit may take altogether, in times of what its list may take: two attempts
 * and the look at the schemas.
 */
const VISIT_TIMEOUTS = 4;
/** How long a process may show what another one has changed meanwhile. */
const SNAPSHOT_MS = 2_000;
/** Changes are told by events; this is for those that were lost, and for removals. */
const CATALOG_MAX_AGE_MS = 5 * 60_000;
/** How long after the start the catalog may still be filling. */
const FILLING_MS = 5 * 60_000;
/** How long a server stays that the catalog does not name any more. */
const ABSENCE_GRACE_MS = 10 * 60_000;
/** Failed visits before a server counts as down. */
const FAILURES_UNTIL_DOWN = 3;
const RETRY_AFTER_MS = 250;
/** How long a server that is down is left alone at first, and at last. */
const FIRST_BACKOFF_MS = 30_000;
const LAST_BACKOFF_MS = 10 * 60_000;
/** Schemas of one visit that may take too long, before the rest is not tried. */
const MAX_SLOW_SCHEMAS = 3;
/** Refreshes that one person may ask for, for each server. */
const REFRESHES_OF_CALLER = 5;
/** Refreshes of all of them together. */
const REFRESHES_PER_MINUTE = 20;

/** All servers and tools at one moment. */
export interface Snapshot {
  servers: Map<string, ServerRecord>;
  /** In order of their names. */
  tools: ToolRecord[];
  /** By the name in lower case. */
  byName: Map<string, ToolRecord>;
  index: ToolIndex;
}

/**
 * Where a tool stands in the list: those of the company in order of their names, then Backstage's own actions, of
 * which there are many, and which few people look for.
 */
export function placeOf(
  tool: { name: string; serverRef: string },
  servers: Map<string, Pick<ServerRecord, 'isBackstageActions'>>,
): string {
  const isLast = servers.get(tool.serverRef)?.isBackstageActions;
  return `${isLast ? 1 : 0}\u0001${tool.name}`;
}

/** Knows the MCP servers of the catalog and what each of them offers. */
export class ToolRegistry {
  readonly #store: ToolStore;
  readonly #catalog: ServerCatalog;
  readonly #connections: UpstreamConnections;
  readonly #schemas: ToolSchemas;
  readonly #judge: ToolJudge;
  readonly #changes: ToolChanges;
  readonly #logger: LoggerService;
  readonly #limits: VisitLimits;
  readonly #onChange: () => void;
  readonly #startedAt = Date.now();
  /** Visits under way, by the ref of the server. */
  readonly #visits = new Map<string, Promise<ServerRecord | undefined>>();
  readonly #refreshes = new LRUCache<string, number[]>({
    max: 10_000,
    ttl: 60_000,
  });
  /** Tools by server, of the revision that they were read in. */
  #tools = new Map<string, { revision: string; tools: ToolRecord[] }>();
  #all?: Omit<Snapshot, 'servers'>;
  #snapshot?: { checkedAt: number; value: Promise<Snapshot> };

  constructor(options: {
    store: ToolStore;
    catalog: ServerCatalog;
    connections: UpstreamConnections;
    schemas: ToolSchemas;
    judge: ToolJudge;
    changes: ToolChanges;
    logger: LoggerService;
    limits: VisitLimits;
    /** To be called when tools came, went or changed. */
    onChange(): void;
  }) {
    this.#store = options.store;
    this.#catalog = options.catalog;
    this.#connections = options.connections;
    this.#schemas = options.schemas;
    this.#judge = options.judge;
    this.#changes = options.changes;
    this.#logger = options.logger;
    this.#limits = options.limits;
    this.#onChange = options.onChange;
  }

  /** The present state; only tools of servers that changed are read from the database. */
  async snapshot(): Promise<Snapshot> {
    if (
      !this.#snapshot ||
      Date.now() - this.#snapshot.checkedAt >= SNAPSHOT_MS
    ) {
      const held = { checkedAt: Date.now(), value: this.#readSnapshot() };
      this.#snapshot = held;
      held.value.catch(() => {
        if (this.#snapshot === held) {
          this.#snapshot = undefined;
        }
      });
    }
    return this.#snapshot.value;
  }

  async #readSnapshot(): Promise<Snapshot> {
    const servers = await this.#store.listServers();
    const before = this.#tools;
    let changed = !this.#all || servers.length !== before.size;
    const now: typeof before = new Map();
    for (const { ref, isVerified, toolsRevision } of servers) {
      const known = before.get(ref);
      const revision = `${toolsRevision} ${isVerified}`;
      const same = known?.revision === revision;
      const read = async () =>
        (await this.#store.listToolsOf(ref)).map(tool => ({
          ...tool,
          isVouchedFor: isVerified,
        }));
      now.set(ref, known && same ? known : { revision, tools: await read() });
      changed ||= !same;
    }
    if (changed || !this.#all) {
      const served = new Map(servers.map(server => [server.ref, server]));
      const tools = [...now.values()]
        .flatMap(server => server.tools)
        .sort((a, b) => compare(placeOf(a, served), placeOf(b, served)));
      this.#tools = now;
      this.#all = {
        tools,
        byName: new Map(tools.map(tool => [tool.name.toLowerCase(), tool])),
        index: new ToolIndex(tools),
      };
    }
    return {
      servers: new Map(servers.map(server => [server.ref, server])),
      ...this.#all,
    };
  }

  /**
   * Visits all servers, unless that was done less than the interval ago. While there
   * is no server yet, it looks each time for a few minutes: the catalog may still be
   * filling. Servers that are down are left alone for longer and longer.
   */
  async reconcileIfDue(intervalMs: number, signal?: AbortSignal) {
    const at = await this.#store.reconciledAt();
    const isFilling =
      Date.now() - this.#startedAt < FILLING_MS &&
      (await this.snapshot()).servers.size === 0;
    if (at !== undefined && !isFilling && Date.now() - at < intervalMs) {
      return;
    }
    const reading = await this.#read(isFilling);
    const { servers } = await this.snapshot();
    const now = Date.now();
    await this.#visitAll(
      reading.servers.filter(
        ({ ref }) => (servers.get(ref)?.retryAt ?? 0) <= now,
      ),
      reading,
      signal,
    );
    await this.#store.markReconciled(Date.now());
  }

  /** Visits the servers that changes of these entities concern. */
  async catalogChanged(entityRefs: string[]): Promise<void> {
    const changed = entityRefs.filter(ref => /^(api|tool):/.test(ref));
    if (changed.length === 0) {
      return;
    }
    const reading = await this.#read(true);
    const concerned = new Set(
      changed.map(ref => reading.statements.get(ref)?.providedByRef ?? ref),
    );
    await this.#visitAll(
      reading.servers.filter(({ ref }) => concerned.has(ref)),
      reading,
    );
  }

  /**
   * Visits one server, or all, at the wish of a person. Whoever asks while a visit is
   * under way waits for that one, and whoever asks too often gets what is known: many
   * impatient people must not turn into many requests to servers.
   *
   * @returns the servers that were asked for.
   * @throws NotFoundError when the catalog has no such server.
   */
  async refresh(options: {
    serverRef?: string;
    callerRef: string;
  }): Promise<ServerRecord[]> {
    const { callerRef } = options;
    const reading = await this.#read(this.#mayRefresh('catalog', callerRef));
    const wanted = options.serverRef?.toLocaleLowerCase('en-US');
    const entries = reading.servers.filter(
      ({ ref, name }) =>
        !wanted || ref === wanted || name.toLocaleLowerCase('en-US') === wanted,
    );
    if (wanted && entries.length === 0) {
      throw new NotFoundError(
        `The catalog has no MCP server "${options.serverRef}". Give the entity ref of an API with spec.type mcp-server, or its name.`,
      );
    }
    await this.#visitAll(
      entries.filter(({ ref }) => this.#mayRefresh(ref, callerRef)),
      reading,
    );
    const { servers } = await this.snapshot();
    return entries.flatMap(({ ref }) => servers.get(ref) ?? []);
  }

  #mayRefresh(what: string, callerRef: string): boolean {
    const now = Date.now();
    const counted = [
      [`${what} ${callerRef}`, REFRESHES_OF_CALLER],
      [what, REFRESHES_PER_MINUTE],
    ] as const;
    const recent = counted.map(([key]) =>
      (this.#refreshes.get(key) ?? []).filter(at => at > now - 60_000),
    );
    if (counted.some(([, max], i) => recent[i].length >= max)) {
      return false;
    }
    counted.forEach(([key], i) =>
      this.#refreshes.set(key, [...recent[i], now]),
    );
    return true;
  }

  async #read(anew: boolean): Promise<CatalogReading> {
    if (anew) {
      // Other processes must not go on with what they read before.
      await this.#store.markCatalogChanged(Date.now());
    }
    const reading = await this.#catalog.readSince(
      Math.max(
        await this.#store.catalogChangedAt(),
        Date.now() - CATALOG_MAX_AGE_MS,
      ),
    );
    const forgotten = await this.#store.markPresent(
      reading.servers.map(({ ref }) => ref),
      { now: Date.now(), graceMs: ABSENCE_GRACE_MS },
    );
    if (forgotten) {
      this.#onChange();
    }
    this.#snapshot = undefined;
    return reading;
  }

  async #visitAll(
    entries: ServerEntry[],
    { statements }: CatalogReading,
    signal?: AbortSignal,
  ): Promise<void> {
    // A crowd of servers that hang must not keep those waiting that somebody vouches for.
    const queue = [...entries].sort(
      (a, b) => Number(b.isVerified) - Number(a.isVerified),
    );
    const worker = async () => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        await this.#visitOnce(entry, statements, signal);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_VISITS }, worker));
    this.#snapshot = undefined;
  }

  #visitOnce(
    entry: ServerEntry,
    statements: Map<string, ToolStatement>,
    signal?: AbortSignal,
  ) {
    let visit = this.#visits.get(entry.ref);
    if (!visit) {
      visit = this.#visitInTime(entry, statements, signal)
        // One server must not keep the others from being visited.
        .catch(error => {
          this.#logger.error(
            `The tools of ${entry.ref} could not be updated`,
            error,
          );
          return undefined;
        })
        .finally(() => this.#visits.delete(entry.ref));
      this.#visits.set(entry.ref, visit);
    }
    return visit;
  }

  /** Gives a visit up after a while, whatever it hangs on: a round waits for it. */
  async #visitInTime(
    entry: ServerEntry,
    statements: Map<string, ToolStatement>,
    signal?: AbortSignal,
  ) {
    const deadline = new AbortController();
    const ms = VISIT_TIMEOUTS * this.#limits.discoveryTimeoutMs;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`It did not end within ${ms / 1000} seconds`);
        deadline.abort(error);
        reject(error);
      }, ms);
    });
    try {
      return await Promise.race([
        this.#visitAndSave(
          entry,
          statements,
          signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
        ),
        late,
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #visitAndSave(
    entry: ServerEntry,
    statements: Map<string, ToolStatement>,
    signal: AbortSignal,
  ): Promise<ServerRecord | undefined> {
    const before = await this.#store.getServer(entry.ref);
    const result = await this.#visit(entry, before, signal);
    if (signal.aborted) {
      return before;
    }
    const now = Date.now();
    const known = await this.#store.listToolsOf(entry.ref);
    const gone = await this.#store.goneTools(entry.ref);
    const described =
      result instanceof UpstreamError
        ? { tools: known, rejected: [] }
        : await describeTools({
            serverRef: entry.ref,
            now,
            known,
            goneTiers: gone.tiers,
            taken: (
              await this.#store.listTaken(
                entry.ref,
                result.tools.map(tool => toolNamesOf(entry.ref, tool.toolName)),
              )
            ).filter(other => other.isVerified || !entry.isVerified),
            found: result.tools,
            problemOf: this.#problemFinder(),
          });
    if (signal.aborted) {
      return before;
    }
    const record = recordOf({
      entry,
      before,
      result,
      rejected: described.rejected,
      now,
    });
    const tools =
      result instanceof UpstreamError
        ? known
        : await this.#changes.weigh({
            server: record,
            known,
            goneHashes: gone.hashes,
            isForgetful: gone.isForgetful,
            found: described.tools,
            now,
            signal,
          });
    if (signal.aborted) {
      return before;
    }
    const changed = await this.#store.saveServer(
      record,
      tools.map(tool =>
        judgeTool(
          this.#judge,
          tool,
          { ...entry, isVerified: record.isVerified },
          statements.get(tool.ref),
        ),
      ),
    );
    if (changed) {
      this.#onChange();
    }
    if (
      record.status !== before?.status ||
      (record.failures === 0 && record.error !== before.error)
    ) {
      const text = `MCP server ${record.name} is ${record.status}${
        record.error ? `: ${record.error}` : ''
      }`;
      this.#logger[record.error ? 'warn' : 'info'](text);
    }
    return record;
  }

  async #visit(
    { ref, url, isVerified, problem }: ServerEntry,
    before: ServerRecord | undefined,
    signal?: AbortSignal,
  ): Promise<Visit | UpstreamError> {
    if (problem) {
      return new UpstreamError('blocked_url', problem);
    }
    const attempt = () =>
      visitServer({
        server: { ref, url, isVerified, era: before?.era },
        connections: this.#connections,
        limits: this.#limits,
        signal,
      });
    try {
      return await attempt().catch(async error => {
        if (toUpstreamError(error).code !== 'unreachable' || signal?.aborted) {
          throw error;
        }
        // Sockets break; the next one is a new one.
        await new Promise(resolve => setTimeout(resolve, RETRY_AFTER_MS));
        return attempt();
      });
    } catch (error) {
      return toUpstreamError(error);
    }
  }

  /** Asks about schemas of one visit, until too many of them took too long. */
  #problemFinder(): FindSchemaProblem {
    let slow = 0;
    return async (tool, hash) => {
      if (slow >= MAX_SLOW_SCHEMAS) {
        return {
          reason: 'other schemas of its server took too much time to compile',
          untried: true,
        };
      }
      const problem = await this.#schemas.problemOf(tool, hash);
      slow += problem?.tookTooLong ? 1 : 0;
      return problem;
    };
  }
}

function recordOf(options: {
  entry: ServerEntry;
  before: ServerRecord | undefined;
  result: Visit | UpstreamError;
  rejected: RejectedTool[];
  now: number;
}): ServerRecord {
  const { entry, before, result, now } = options;
  const common = {
    ref: entry.ref,
    name: entry.name,
    title: entry.title,
    url: entry.url,
    ownerRef: entry.ownerRef,
  };
  if (!(result instanceof UpstreamError)) {
    return {
      ...common,
      status: 'up',
      isBackstageActions: result.isBackstageActions,
      isVerified: entry.isVerified || result.isBackstageActions,
      era: result.era,
      lastSeenAt: now,
      failures: 0,
      error: describeRejected([...result.rejected, ...options.rejected]),
    };
  }
  const failures = (before?.failures ?? 0) + 1;
  const isDown =
    failures >= FAILURES_UNTIL_DOWN ||
    before?.status !== 'up' ||
    result.code === 'blocked_url';
  const status = isDown ? 'down' : before.status;
  const backsOff = isDown && result.code !== 'blocked_url';
  return {
    ...common,
    status: entry.problem ? 'unknown' : status,
    isBackstageActions: before?.isBackstageActions ?? false,
    isVerified: entry.isVerified || (before?.isBackstageActions ?? false),
    era: before?.era,
    lastSeenAt: before?.lastSeenAt,
    failures,
    downSince: before?.downSince ?? now,
    retryAt: backsOff ? now + backoffMs(failures) : undefined,
    error: isDown
      ? result.message
      : `${result.message} (${failures} of ${FAILURES_UNTIL_DOWN} visits that may fail before it counts as down)`,
  };
}

/** Doubles with each failure, and differs so that not all are tried at once. */
function backoffMs(failures: number): number {
  const ms = Math.min(
    FIRST_BACKOFF_MS * 2 ** Math.max(0, failures - FAILURES_UNTIL_DOWN),
    LAST_BACKOFF_MS,
  );
  return Math.round(ms * (0.5 + Math.random() / 2));
}

function describeRejected(rejected: RejectedTool[]): string | undefined {
  if (rejected.length === 0) {
    return undefined;
  }
  const named = rejected
    .slice(0, MAX_NAMED)
    .map(({ name, reason }) => `${name} (${reason})`);
  if (rejected.length > MAX_NAMED) {
    named.push(`${rejected.length - MAX_NAMED} more`);
  }
  return `Not all tools could be taken: ${named.join(', ')}.`;
}
