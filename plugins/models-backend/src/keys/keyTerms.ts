import type { ModelDirectory } from '@agentportal/model-gateway';
import { InputError } from '@backstage/errors';
import { ALL_MODELS } from './key';

const DAY_MS = 86_400_000;

/** How long keys may live, as app-config says it. */
export interface KeyLimits {
  defaultDays: number;
  maxDays: number;
  allowNeverExpiring: boolean;
}

/**
 * When a key expires.
 *
 * @param asked - a date-time, `null` for never, or nothing for the default
 */
export function readExpiry(
  asked: string | null | undefined,
  limits: KeyLimits,
  now: number,
): number | undefined {
  if (asked === null) {
    if (!limits.allowNeverExpiring) {
      throw new InputError(
        `Every key expires here; give \`expiresAt\` a date within ${limits.maxDays} days. An administrator can set \`models.keys.allowNeverExpiring\`.`,
      );
    }
    return undefined;
  }
  const days = Math.min(limits.defaultDays, limits.maxDays);
  const at = asked === undefined ? now + days * DAY_MS : Date.parse(asked);
  if (Number.isNaN(at)) {
    throw new InputError(
      '`expiresAt` must be a date-time such as 2027-01-31T00:00:00Z.',
    );
  }
  if (at <= now) {
    throw new InputError('`expiresAt` must be in the future.');
  }
  if (at > now + limits.maxDays * DAY_MS) {
    throw new InputError(
      `A key may live ${limits.maxDays} days at most; choose an earlier \`expiresAt\`.`,
    );
  }
  return at;
}

/** Something that a key allows, and the models that it stands for today. */
export interface Grant {
  /** Gateway id, name of a route, or `*`. */
  name: string;
  modelIds: string[];
}

/** Reads what a key is to allow: gateway ids, names of routes, entity refs or `*`. */
export function readGrants(
  names: string[],
  directory: Pick<ModelDirectory, 'resolve'>,
): Grant[] {
  const grants = new Map<string, Grant>();
  for (const name of names) {
    if (name === ALL_MODELS) {
      grants.set(name, { name, modelIds: [] });
      continue;
    }
    const found = directory.resolve(name);
    if (!found) {
      throw new InputError(
        `There is no model or route ${name}; the list of models has all of them.`,
      );
    }
    const modelIds = found.models.map(model => model.id);
    const id = found.route?.name ?? modelIds[0];
    grants.set(id, { name: id, modelIds });
  }
  return [...grants.values()];
}

/** The names of all that a key allows, each once. */
export function together(kept: string[], added: Grant[]): string[] {
  const names = new Set([...kept, ...added.map(grant => grant.name)]);
  if (names.has(ALL_MODELS) && names.size > 1) {
    throw new InputError(
      '`*` stands for all models; leave the others out, or leave out `*`.',
    );
  }
  return [...names];
}
