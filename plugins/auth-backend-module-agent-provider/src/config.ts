import { fullRefOf } from '@agentportal/plugin-agents-common';
import { readMilliseconds } from '@agentportal/plugin-agents-node';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

/** Longest life of a token that an agent may hold. */
export const MAX_TOKEN_SECONDS = 600;
/** What Backstage takes when nothing is configured. */
const DEFAULT_TOKEN_SECONDS = 3600;

/** An issuer outside whose tokens stand for agents. */
export interface WorkloadIssuer {
  issuer: string;
  jwksUri?: string;
  audience: string;
  /** Agents by subject. */
  agents: ReadonlyMap<string, string>;
}

/** What `auth.providers.agent` says. */
export interface AgentProviderConfig {
  /** Identifier of this authorization server. */
  issuer: string;
  /** The portal as a whole, for which a token may be asked for. */
  portalUrl: string;
  workloads: WorkloadIssuer[];
  /** The one person who need not be in the catalog. */
  guestRef?: string;
}

/** Reads the settings; `undefined` when agents cannot sign in here. */
export function readProviderConfig(
  root: Config,
): AgentProviderConfig | undefined {
  const config = root.getOptionalConfig('auth.providers.agent');
  if (!root.getOptionalConfig('auth.providers')?.has('agent')) {
    return undefined;
  }
  const portalUrl = root.getString('backend.baseUrl').replace(/\/+$/, '');
  const issuer = `${portalUrl}/api/auth/agent`;
  const guest = root.getOptionalConfig('auth.providers.guest');
  return {
    issuer,
    portalUrl,
    workloads: requireOnce(
      (config?.getOptionalConfigArray('workloads') ?? []).map(entry =>
        readWorkload(entry, issuer),
      ),
      workload => workload.issuer,
      twice =>
        `auth.providers.agent.workloads has the issuer ${twice} twice, and only one could count. Bind all of its subjects in one entry.`,
    ),
    ...(guest && {
      guestRef:
        guest.getOptionalString('userEntityRef') ?? 'user:development/guest',
    }),
  };
}

function readWorkload(entry: Config, audience: string): WorkloadIssuer {
  const issuer = entry.getString('issuer');
  const bindings = requireOnce(
    entry
      .getConfigArray('agents')
      .map(
        binding =>
          [
            binding.getString('subject'),
            agentRefOf(binding.getString('agent'), issuer),
          ] as const,
      ),
    ([subject]) => subject,
    twice =>
      `auth.providers.agent.workloads binds the subject ${twice} of ${issuer} twice. Bind it to one agent.`,
  );
  return {
    issuer,
    jwksUri: entry.getOptionalString('jwksUri'),
    audience: entry.getOptionalString('audience') ?? audience,
    agents: new Map(bindings),
  };
}

/** Of two that are called the same, the last would silently be in force. */
function requireOnce<T>(
  all: T[],
  nameOf: (one: T) => string,
  sentence: (twice: string) => string,
): T[] {
  const names = all.map(nameOf);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError(sentence(twice));
  }
  return all;
}

function agentRefOf(text: string, issuer: string): string {
  const ref = fullRefOf(text, 'Agent');
  if (!ref) {
    throw new InputError(
      `auth.providers.agent.workloads binds a subject of ${issuer} to "${text}", which is no agent; write it as agent:default/name.`,
    );
  }
  return ref;
}

/**
 * Stops the start when tokens would live longer than an agent may hold one: Backstage has
 * one life for all of its tokens.
 */
export function requireShortTokens(root: Config): void {
  const key = 'auth.backstageTokenExpiration';
  const seconds =
    readMilliseconds(root, key, DEFAULT_TOKEN_SECONDS * 1000) / 1000;
  if (seconds > MAX_TOKEN_SECONDS) {
    throw new InputError(
      `Tokens of agents may live for ten minutes, and this portal's live for ${Math.round(
        seconds / 60,
      )}. Set ${key} to { minutes: 10 } in app-config; people stay signed in, because their sessions renew themselves.`,
    );
  }
}
