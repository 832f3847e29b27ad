import { createHash } from 'node:crypto';
import type { KeyRing } from './KeyRing';

/** Where the value of a channel lies, and the version that it has. */
export interface StoredValue {
  version: number | string;
  /** Of the serialiser; with `[]` it is a list without its closing bracket. */
  type?: string;
  /**
   * The pieces of it, in order: the checkpoint at which each was stored, and its
   * bytes. A channel without a value has none.
   */
  parts?: Array<[checkpointId: string, bytes: number]>;
  /** Of all pieces together. */
  digest?: string;
  /** The value has to be worked out from what was written at ancestors. */
  delta?: true;
}

/** So many pieces of about the same size become one. */
const FANOUT = 8;
/** Shorter values are stored whole; shorter pieces count as of the same size. */
const SMALL = 256;
const LIST_BEGIN = '['.charCodeAt(0);

/**
 * Decides what of a new value has to be written. A list that only grew, as the
 * messages of an agent do, keeps the pieces of the version before and adds one,
 * which now and then takes the last ones in, so that reading needs few: after n
 * messages n log n bytes are stored and not n².
 *
 * @param before - where the version before it lies
 */
export function storeValue(
  at: { checkpointId: string; version: number | string },
  [type, bytes]: [string, Uint8Array],
  before: StoredValue | undefined,
  keys: KeyRing,
): { stored: StoredValue; piece?: Uint8Array } {
  const isList = type === 'json' && bytes[0] === LIST_BEGIN;
  const end = isList ? bytes.length - 1 : bytes.length;
  const storedType = isList ? 'json[]' : type;
  const storedFrom = (
    from: number,
    parts: Array<[string, number]> = [],
    digest?: string,
  ) => ({
    stored: {
      version: at.version,
      type: storedType,
      parts: [...parts, [at.checkpointId, end - from] as [string, number]],
      digest,
    },
    piece: bytes.subarray(from, end),
  });
  if (end < SMALL) {
    return storedFrom(0);
  }
  const parts = (before?.type === storedType && before.parts) || [];
  const size = bytesOf(parts);
  const mayShare = isList ? size <= end : size === end;
  const length = mayShare ? size : 0;
  const hash = createHash('sha256');
  let kept: Array<[string, number]> = [];
  if (length > 0) {
    hash.update(bytes.subarray(0, length));
    if (keys.blind(hash.copy().digest()) === before?.digest) {
      if (length === end) {
        return { stored: { ...before, version: at.version } };
      }
      kept = keepParts(parts, end - length);
    }
  }
  hash.update(bytes.subarray(length, end));
  return storedFrom(bytesOf(kept), kept, keys.blind(hash.digest()));
}

/** The pieces that stay when one is added; it takes the others in. */
function keepParts(
  parts: Array<[string, number]>,
  added: number,
): Array<[string, number]> {
  const kept = [...parts];
  let bytes = added;
  for (;;) {
    const level = levelOf(bytes);
    const bigger = kept.findLastIndex(([, size]) => levelOf(size) > level);
    const alike = kept.slice(bigger + 1);
    if (alike.length < FANOUT - 1) {
      return kept;
    }
    kept.length = bigger + 1;
    bytes += bytesOf(alike);
  }
}

function levelOf(bytes: number): number {
  return Math.floor(
    Math.log(Math.max(bytes, SMALL) / SMALL) / Math.log(FANOUT),
  );
}

function bytesOf(parts: Array<[string, number]>): number {
  return parts.reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** The value as its serialiser made it. */
export function joinValue(
  type: string,
  pieces: Buffer[],
): [type: string, bytes: Uint8Array] {
  return type.endsWith('[]')
    ? [type.slice(0, -2), Buffer.concat([...pieces, Buffer.from(']')])]
    : [type, Buffer.concat(pieces)];
}
