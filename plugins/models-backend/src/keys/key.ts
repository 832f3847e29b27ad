import type { DataClassification } from '@agentportal/model-gateway';

const DAY_MS = 86_400_000;

/** A key tells that it ends for so long before it does. */
const EXPIRING_MS = 14 * DAY_MS;

/** Stands for every model that there is and will be. */
export const ALL_MODELS = '*';

export const KEY_STATES = ['active', 'expiring', 'expired', 'revoked'] as const;

export type KeyState = (typeof KEY_STATES)[number];

/** What a program that is not an agent calls models with. Moments in ms, UTC. */
export interface ModelKey {
  id: string;
  title: string;
  /** Group or user that answers for it. */
  ownerRef: string;
  /** What its calls are booked on besides its owner. */
  systemRef?: string;
  /** Gateway ids and names of routes, or `*` alone. */
  models: string[];
  dataClassification?: DataClassification;
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  /** Absent for a key that never expires. */
  expiresAt?: number;
  revokedAt?: number;
  revokedBy?: string;
}

/** One secret of a key, of which only a digest is known. */
export interface KeySecret {
  id: number;
  keyId: string;
  /** SHA-256 of the whole secret, hexadecimal. */
  digest: string;
  /** The last characters, to tell secrets apart. */
  ending: string;
  createdAt: number;
  /** Set once a newer one takes its place. */
  endsAt?: number;
  /** Start of the day. */
  lastUsedOn?: number;
}

export function stateOf(key: ModelKey, now: number): KeyState {
  if (key.revokedAt !== undefined) {
    return 'revoked';
  }
  if (key.expiresAt === undefined) {
    return 'active';
  }
  if (key.expiresAt <= now) {
    return 'expired';
  }
  return key.expiresAt - now < EXPIRING_MS ? 'expiring' : 'active';
}

/** The moments between which a key of a state ends: after the first, up to the second. */
export function expiryOf(
  state: Exclude<KeyState, 'revoked'>,
  now: number,
): { after?: number; upTo?: number } {
  switch (state) {
    case 'expired':
      return { upTo: now };
    case 'expiring':
      return { after: now, upTo: now + EXPIRING_MS - 1 };
    default:
      return { after: now + EXPIRING_MS - 1 };
  }
}

/** The start of the UTC day. */
export function dayOf(at: number): number {
  return at - (at % DAY_MS);
}
