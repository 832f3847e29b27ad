import { createHash } from 'node:crypto';
import { riskTierOf } from '@agentportal/plugin-agents-common';
import { toolNamesOf } from '@agentportal/plugin-tools-common';
import type { LeftOut } from '../upstream/siftTools';
import type {
  ServerEntry,
  ToolDescription,
  ToolOverride,
  ToolRecord,
} from './records';
import { compare } from './ToolStore';

/**
 * Makes the registry's tools out of what a server listed and what the catalog
 * says. Without an answer the known tools stay, as stale.
 */
export function describeTools(options: {
  entry: ServerEntry;
  overrides: Map<string, ToolOverride>;
  now: number;
  /** The server's tools as they were. */
  known: ToolRecord[];
  /** The tools of all other servers. */
  taken: ToolRecord[];
  /** What the server listed; absent when it did not answer. */
  found?: ToolDescription[];
}): { tools: ToolRecord[]; leftOut: LeftOut[] } {
  const { entry, overrides, now } = options;
  const withCatalog = (tool: ToolRecord): ToolRecord => {
    const override = overrides.get(tool.ref);
    return {
      ...tool,
      ownerRef: override?.ownerRef ?? entry.ownerRef,
      riskTier: override?.riskTier ?? riskTierOf(tool.annotations),
      title: override?.title ?? tool.title,
      description: override?.description ?? tool.description,
    };
  };
  if (!options.found) {
    const tools = options.known.map(tool =>
      withCatalog({ ...tool, status: 'stale' }),
    );
    return { tools, leftOut: [] };
  }

  const known = new Map(options.known.map(tool => [tool.name, tool]));
  const owners = new Map(options.taken.map(tool => [tool.ref, tool.serverRef]));
  const names = new Set(options.taken.map(tool => tool.name));
  const leftOut: LeftOut[] = [];
  const tools: ToolRecord[] = [];
  const found = [...options.found].sort((a, b) =>
    compare(a.toolName, b.toolName),
  );
  for (const description of found) {
    const { name, ref } = toolNamesOf(entry.ref, description.toolName);
    if (owners.has(ref) || names.has(name)) {
      leftOut.push({
        name: description.toolName,
        reason: `its name at the gateway would be ${name}, which ${
          owners.get(ref) === entry.ref
            ? 'another tool of this server'
            : `a tool of ${owners.get(ref) ?? 'another server'}`
        } has already`,
      });
      continue;
    }
    owners.set(ref, entry.ref);
    names.add(name);
    const hash = hashOf(description);
    const before = known.get(name);
    tools.push(
      withCatalog({
        ...description,
        name,
        ref,
        serverRef: entry.ref,
        ownerRef: entry.ownerRef,
        riskTier: 'critical',
        status: 'available',
        hash,
        lastSeenAt: now,
        lastChangedAt: before?.hash === hash ? before.lastChangedAt : now,
      }),
    );
  }
  return { tools, leftOut };
}

function hashOf(description: ToolDescription): string {
  return createHash('sha256').update(canonical(description)).digest('hex');
}

/** JSON with sorted keys, so that order does not look like a change. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner).sort(([a], [b]) => compare(a, b)),
        )
      : inner,
  );
}
