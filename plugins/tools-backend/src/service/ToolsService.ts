import type { AuditLog } from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import {
  type GuardFindingList,
  type RecordedCallList,
  serverRefreshPermission,
  type ServerList,
  type ServerSummary,
  type Tool,
  type ToolChange as ToolChangeItem,
  type ToolChangeList,
  type ToolList,
  type ToolSummary,
} from '@agentportal/plugin-tools-common';
import type { Request } from 'express';
import type { ToolChange, ToolChangeStore } from '../changes/ToolChangeStore';
import type { Caller } from '../gateway/Caller';
import type { ToolDecision, ToolDecisions } from '../gateway/ToolDecisions';
import type { GuardFindings } from '../guard/GuardFindings';
import {
  type CallLedger,
  type RecordedCallRow,
  REFUSALS,
} from '../ledger/CallLedger';
import type { ServerRecord, ToolRecord } from '../registry/records';
import { placeOf, type ToolRegistry } from '../registry/ToolRegistry';
import { compare } from '../registry/ToolStore';
import { pageAfter } from './paging';

const DEFAULT_LIMIT = 25;

/** What people and programs read about servers and tools. */
export class ToolsService {
  readonly #registry: ToolRegistry;
  readonly #decisions: ToolDecisions;
  readonly #findings: GuardFindings;
  readonly #ledger: CallLedger;
  readonly #permissions: PermissionsService;
  readonly #changes: ToolChangeStore;
  readonly #auditLog: AuditLog;
  readonly #auditor: AuditorService;

  constructor(options: {
    registry: ToolRegistry;
    decisions: ToolDecisions;
    findings: GuardFindings;
    ledger: CallLedger;
    permissions: PermissionsService;
    changes: ToolChangeStore;
    auditLog: AuditLog;
    auditor: AuditorService;
  }) {
    this.#registry = options.registry;
    this.#decisions = options.decisions;
    this.#findings = options.findings;
    this.#ledger = options.ledger;
    this.#permissions = options.permissions;
    this.#changes = options.changes;
    this.#auditLog = options.auditLog;
    this.#auditor = options.auditor;
  }

  /** A page of the servers, in order of their names; Backstage's own actions come last. */
  async listServers(
    caller: Caller,
    query: { limit?: number; cursor?: string } = {},
  ): Promise<ServerList> {
    const [{ servers, tools }, canRead] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
    ]);
    const counts = countByServer(tools.filter(canRead));
    // Two entities may claim one name, so the ref is part of the key.
    const keyOf = (server: ServerRecord) =>
      `${placeOf({ name: server.name, serverRef: server.ref }, servers)}\u0001${
        server.ref
      }`;
    const page = pageAfter({
      items: [...servers.values()].sort((a, b) => compare(keyOf(a), keyOf(b))),
      keyOf,
      cursor: query.cursor,
      limit: query.limit ?? DEFAULT_LIMIT,
    });
    return {
      ...page,
      items: page.items.map(server => toServerSummary(server, counts)),
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
    const records = await this.#registry.refresh({
      ...options,
      callerRef: caller.ref,
    });
    const [{ tools }, canRead] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
    ]);
    const counts = countByServer(tools.filter(canRead));
    return { items: records.map(record => toServerSummary(record, counts)) };
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
      /** Whether each comes with its figures. */
      stats?: boolean;
      /** Whether each comes with the schema of its arguments. */
      schemas?: boolean;
    } = {},
  ): Promise<ToolList> {
    const snapshot = await this.#registry.snapshot();
    const [canRead, decide] = await Promise.all([
      this.#decisions.canRead(caller),
      this.#decisions.canCall(caller, snapshot.servers),
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
      keyOf: tool => placeOf(tool, snapshot.servers),
      cursor: query.cursor,
      limit: query.limit ?? DEFAULT_LIMIT,
      ranked: Boolean(q),
    });
    const stats = query.stats
      ? await this.#ledger.stats(page.items.map(tool => tool.name))
      : undefined;
    return {
      ...page,
      totalItems: items.length,
      items: page.items.map(tool => ({
        ...toToolSummary(tool, snapshot.servers, decide(tool)),
        ...(stats && { stats30d: stats.get(tool.name) }),
        ...(query.schemas && { inputSchema: tool.inputSchema }),
      })),
    };
  }

  /**
   * Calls of agents with what they were called with, the newest first.
   *
   * @throws NotAllowedError for people and agents, whose calls these may not be.
   */
  async listRecordedCalls(
    caller: Caller,
    query: {
      from: string;
      to: string;
      agentRef?: string;
      limit?: number;
      cursor?: string;
    },
  ): Promise<RecordedCallList> {
    requirePlugin(caller);
    const { items, ...page } = await this.#ledger.recorded(
      {
        from: Date.parse(query.from),
        to: Date.parse(query.to),
        agentRef: query.agentRef,
      },
      { limit: query.limit ?? DEFAULT_LIMIT, cursor: query.cursor },
    );
    return { ...page, items: items.map(toRecordedCall) };
  }

  /**
   * What the guard found, by agent and run, for plugins of the portal that add it up.
   *
   * @throws NotAllowedError for people and agents
   */
  async listGuardFindings(
    caller: Caller,
    query: { from: string; limit?: number; cursor?: string },
  ): Promise<GuardFindingList> {
    requirePlugin(caller);
    return this.#findings.list(Date.parse(query.from), {
      limit: query.limit ?? DEFAULT_LIMIT,
      cursor: query.cursor,
    });
  }

  /**
   * Takes over what the guard found in a conversation.
   *
   * @throws NotAllowedError for people and agents
   */
  async inheritGuardFindings(
    caller: Caller,
    of: { from: string; to: string },
  ): Promise<void> {
    requirePlugin(caller);
    await this.#findings.inherit(of);
  }

  /**
   * A page of what servers changed about the tools that the caller may see, the newest first.
   *
   * @throws NotAllowedError for agents: the words may be made for them.
   */
  async listChanges(
    caller: Caller,
    query: {
      tool?: string;
      state?: ToolChangeItem['state'];
      limit?: number;
      cursor?: string;
    },
  ): Promise<ToolChangeList> {
    if (caller.type !== 'person') {
      throw new NotAllowedError('Changes of tools are shown to people alone.');
    }
    const [{ byName }, canRead, canDecide] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
      this.#decisions.canDecideChange(caller),
    ]);
    const asked = query.tool && byName.get(query.tool.toLowerCase());
    if (query.tool && !asked) {
      return { items: [] };
    }
    const page = await this.#changes.list({
      ...(asked && { toolRef: asked.ref }),
      state: query.state,
      limit: query.limit ?? DEFAULT_LIMIT,
      cursor: query.cursor,
    });
    return {
      ...page,
      items: page.items.flatMap(change => {
        const tool = toolOf(change, byName);
        return tool && canRead(tool) ? [toChange(change, canDecide(tool))] : [];
      }),
    };
  }

  /**
   * Releases or blocks a change, and looks at the server again.
   *
   * @throws NotAllowedError without the permission `tools.change.decide` for the tool.
   * @throws NotFoundError when there is no such change of a tool that the caller may see.
   * @throws ConflictError when it does not wait for that any more.
   */
  async decideChange(
    caller: Caller,
    id: string,
    { decision, reason }: { decision: 'release' | 'block'; reason: string },
    request?: Request,
  ): Promise<ToolChangeItem> {
    const [{ byName }, canRead, canDecide, change] = await Promise.all([
      this.#registry.snapshot(),
      this.#decisions.canRead(caller),
      this.#decisions.canDecideChange(caller),
      this.#changes.get(id),
    ]);
    const tool = change && toolOf(change, byName);
    if (!tool || !canRead(tool)) {
      throw new NotFoundError(
        `There is no change "${id}" of a tool. List the changes to see those that there are.`,
      );
    }
    const state = decision === 'release' ? 'released' : 'blocked';
    const event = await this.#auditor.createEvent({
      eventId: 'tool-change-decide',
      severityLevel: 'high',
      request,
      meta: { change: id, tool: tool.ref, decision, by: caller.ref },
    });
    const entry = {
      type: 'entity-change',
      action: `tools.change-${decision}`,
      actor: { type: 'person', ref: caller.ref },
      personRef: caller.ref,
      resource: tool.ref,
      riskTier: tool.riskTier,
      reason,
      data: { changeId: id, severity: change.severity, hash: change.hash },
    } as const;
    let after: ToolChange;
    try {
      if (!canDecide(tool)) {
        await this.#auditLog.note({ ...entry, outcome: 'denied' });
        throw new NotAllowedError(
          `${caller.ref} has no permission (tools.change.decide) to decide about ${tool.name}. The people who run the portal have, and the owner ${tool.ownerRef} where somebody vouches for its server.`,
        );
      }
      // No log, no release.
      await this.#auditLog.record({ ...entry, outcome: 'started' });
      const decided = await this.#changes.decide(id, {
        state,
        by: caller.ref,
        at: Date.now(),
        reason,
      });
      after = (await this.#changes.get(id)) ?? change;
      if (!decided && after.state !== state) {
        await this.#auditLog.note({ ...entry, outcome: 'failed' });
        throw new ConflictError(
          `This change does not wait for that: it is ${after.state} already. Read it again.`,
        );
      }
      await this.#auditLog.note({ ...entry, outcome: 'succeeded' });
      await event.success();
    } catch (error) {
      await event.fail({ error: error as Error });
      throw error;
    }
    await this.#registry.catalogChanged([change.serverRef]);
    return toChange(after, true);
  }

  /**
   * Reads one tool.
   *
   * @throws NotFoundError when there is none that the caller may see.
   */
  async getTool(caller: Caller, name: string): Promise<Tool> {
    const { byName, servers } = await this.#registry.snapshot();
    const tool = byName.get(name.toLowerCase());
    const [canRead, decide, stats] = await Promise.all([
      this.#decisions.canRead(caller),
      this.#decisions.canCall(caller, servers),
      this.#ledger.stats(tool ? [tool.name] : []),
    ]);
    if (!tool || !canRead(tool)) {
      throw new NotFoundError(
        `There is no tool "${name}". List the tools to see their names.`,
      );
    }
    return {
      ...toToolSummary(tool, servers, decide(tool)),
      inputSchema: tool.inputSchema,
      ...(tool.outputSchema ? { outputSchema: tool.outputSchema } : {}),
      stats30d: stats.get(tool.name)!,
    };
  }
}

/** The tool that a change is of, unless another server has its name now. */
function toolOf(
  { serverRef, toolName }: ToolChange,
  byName: Map<string, ToolRecord>,
): ToolRecord | undefined {
  const tool = byName.get(toolName.toLowerCase());
  return tool?.serverRef === serverRef ? tool : undefined;
}

function toChange(change: ToolChange, mayDecide: boolean): ToolChangeItem {
  const { decidedAt, decidedBy, details, reason } = change;
  return {
    id: change.id,
    toolName: change.toolName,
    toolRef: change.toolRef,
    serverRef: change.serverRef,
    severity: change.severity,
    state: change.state,
    ...details,
    seenAt: new Date(change.seenAt).toISOString(),
    ...(decidedBy &&
      decidedAt !== undefined && {
        decided: {
          by: decidedBy,
          at: new Date(decidedAt).toISOString(),
          reason: reason ?? '',
        },
      }),
    mayDecide,
  };
}

function requirePlugin(caller: Caller): void {
  if (caller.type !== 'service' || !caller.ref.startsWith('plugin:')) {
    throw new NotAllowedError(
      'This is for plugins of the portal among themselves.',
    );
  }
}

function toRecordedCall(
  row: RecordedCallRow,
): RecordedCallList['items'][number] {
  return {
    id: row.id,
    startedAt: new Date(Number(row.started_at)).toISOString(),
    agentRef: row.agent_ref,
    ...(row.caller_ref !== row.agent_ref && { personRef: row.caller_ref }),
    ...(row.run_id !== null && { runId: row.run_id }),
    ...(row.session_id !== null && { sessionId: row.session_id }),
    toolRef: row.tool_ref,
    ...(row.arguments !== null && { arguments: JSON.parse(row.arguments) }),
    reached: !REFUSALS.includes(row.error_code ?? ''),
    ok: Boolean(row.ok),
  };
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
  toolCounts: Map<string, number>,
): ServerSummary {
  return {
    ref: server.ref,
    name: server.name,
    title: server.title,
    url: withoutSecrets(server.url),
    status: server.status,
    ...(server.era ? { era: server.era } : {}),
    toolCount: toolCounts.get(server.ref) ?? 0,
    ...(server.lastSeenAt
      ? { lastSeenAt: new Date(server.lastSeenAt).toISOString() }
      : {}),
    ...(server.error ? { error: server.error } : {}),
  };
}

/** People put passwords and keys into addresses. */
function withoutSecrets(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && url.origin !== 'null' ? `${url.origin}${url.pathname}` : '';
}

/** How many of these tools each server has. */
function countByServer(tools: ToolRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { serverRef } of tools) {
    counts.set(serverRef, (counts.get(serverRef) ?? 0) + 1);
  }
  return counts;
}

function toToolSummary(
  tool: ToolRecord,
  servers: Map<string, ServerRecord>,
  decision: ToolDecision,
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
    ...(tool.dataClassification && {
      dataClassification: tool.dataClassification,
    }),
    ...statusOf(tool, server),
    ...(tool.annotations ? { annotations: tool.annotations } : {}),
    lastChangedAt: new Date(tool.lastChangedAt).toISOString(),
    lastSeenAt: new Date(
      server?.lastSeenAt ?? tool.lastChangedAt,
    ).toISOString(),
    allowed: decision.allowed,
    ...(decision.allowed ? {} : { deniedReason: decision.reason }),
  };
}

function statusOf(
  tool: ToolRecord,
  server: ServerRecord | undefined,
): Pick<ToolSummary, 'status' | 'statusReason'> {
  if (tool.heldChange) {
    return {
      status: 'held',
      statusReason:
        'Its server says something else about it than was agreed to. Nobody can call it until somebody releases that.',
    };
  }
  if (tool.invalidReason) {
    return {
      status: 'invalid',
      statusReason: `It cannot be called: ${tool.invalidReason}.`,
    };
  }
  if (server?.status === 'up') {
    return { status: 'available' };
  }
  return {
    status: 'stale',
    statusReason:
      server?.absentSince === undefined
        ? `The server ${server?.name ?? tool.serverRef} is not answering: ${
            server?.error ?? 'it was not visited yet'
          }.`
        : `The catalog does not name the server ${server.name} any more.`,
  };
}
