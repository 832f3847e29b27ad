import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import { toolNamesOf } from '@agentportal/plugin-tools-common';
import type { RejectedTool } from '../upstream/filterTools';
import { hintedTier } from './judgeTool';
import type { ToolDescription, ToolRecord } from './records';
import { compare, type TakenName } from './ToolStore';

/** How long a tool is left alone whose schemas took too long. */
const TOO_LONG_MS = 3_600_000;

/**
 * Why a tool cannot be used. `untried`: its schemas were not looked at this time, so
 * the tool stays as it was, or is left out, and is looked at again.
 */
export type FindSchemaProblem = (
  tool: ToolDescription,
  hash: string,
) => Promise<
  { reason: string; tookTooLong?: boolean; untried?: boolean } | undefined
>;

/**
 * Makes the registry's tools out of what a server listed. What is told of a tool that
 * did not change is taken over, its schemas are not compiled again.
 */
export async function describeTools(options: {
  serverRef: string;
  now: number;
  /** The server's tools as they were. */
  known: ToolRecord[];
  /** Tiers of tools that it had before these, by their refs. */
  goneTiers: Map<string, RiskTier>;
  /** Names and refs that tools of other servers have. */
  taken: Array<Omit<TakenName, 'isVerified'>>;
  /** What the server listed. */
  found: ToolDescription[];
  problemOf: FindSchemaProblem;
}): Promise<{ tools: ToolRecord[]; rejected: RejectedTool[] }> {
  const { serverRef, now } = options;
  const known = new Map(options.known.map(tool => [tool.name, tool]));
  // By ref, which stays when a name changes in case.
  const tiers = new Map([
    ...options.goneTiers,
    ...options.known.map(tool => [tool.ref, tool.hintedTier] as const),
  ]);
  const owners = new Map<string, string>();
  for (const other of options.taken) {
    owners.set(other.ref, other.serverRef);
    owners.set(other.name, other.serverRef);
  }
  const rejected: RejectedTool[] = [];
  const tools: ToolRecord[] = [];
  const found = [...options.found].sort((a, b) =>
    compare(a.toolName, b.toolName),
  );
  for (const description of found) {
    const { name, ref } = toolNamesOf(serverRef, description.toolName);
    const owner = owners.get(ref) ?? owners.get(name);
    if (owner) {
      rejected.push({
        name: description.toolName,
        reason: `its name at the gateway would be ${name}, which ${
          owner === serverRef
            ? 'another tool of this server'
            : `a tool of ${owner}`
        } has already`,
      });
      continue;
    }
    owners.set(ref, serverRef);
    owners.set(name, serverRef);
    const digest = hashOf(description);
    if (!digest) {
      rejected.push({
        name: description.toolName,
        reason:
          'its description holds halves of characters or numbers beyond all bounds, which JSON cannot say',
      });
      continue;
    }
    const before = known.get(name);
    const same = before?.hash === digest;
    const tier = hintedTier(description.annotations, tiers.get(ref));
    const isJudged = same && (before.invalidUntil ?? Infinity) > now;
    const problem = isJudged
      ? undefined
      : await options.problemOf(description, digest);
    const invalidReason = isJudged ? before.invalidReason : problem?.reason;
    if (invalidReason) {
      rejected.push({ name: description.toolName, reason: invalidReason });
    }
    if (problem?.untried) {
      if (before) {
        tools.push({ ...before, hintedTier: tier });
      }
      continue;
    }
    const expires = problem?.tookTooLong ? now + TOO_LONG_MS : undefined;
    tools.push({
      ...description,
      // What cannot be compiled here must not be tried elsewhere.
      ...(invalidReason && {
        inputSchema: { type: 'object' },
        outputSchema: undefined,
      }),
      name,
      ref,
      serverRef,
      ownerRef: '',
      riskTier: tier,
      hintedTier: tier,
      invalidReason,
      invalidUntil: isJudged ? before.invalidUntil : expires,
      hash: digest,
      lastChangedAt: same ? before.lastChangedAt : now,
    });
  }
  return { tools, rejected };
}

function hashOf(description: ToolDescription): string | undefined {
  try {
    return hash('sha256', canonicalize(description) ?? '');
  } catch {
    return undefined;
  }
}
