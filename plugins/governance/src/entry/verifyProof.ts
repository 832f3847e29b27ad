import type {
  AuditPublicKeys,
  ProvenEntry,
} from '@agentportal/plugin-governance-common';
import canonicalize from 'canonicalize';

/** What the browser found out about a proof by itself. */
export type Verdict =
  /** The entry is in the tree, and one of the keys signed it. */
  | 'proved'
  /** The entry is in the tree; this browser cannot check signatures. */
  | 'unsigned'
  /** The entry, its proof or the signature is not as it was. */
  | 'broken'
  /** Browsers compute hashes on https and on localhost only. */
  | 'unable';

/** So that no signature of another thing is taken for that of a head. */
const HEAD = 'agent-portal audit tree head v1\n';

/**
 * Verifies that an entry is in the log that a signed tree head is of. Nothing of what
 * the server says about it is believed but the public keys.
 * Source: RFC 9162 section 2.1.3.2, RFC 8032.
 */
export async function verifyProof(
  { entry, text, proof }: ProvenEntry,
  { keys }: AuditPublicKeys,
): Promise<Verdict> {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return 'unable';
  const said = JSON.parse(text);
  if (said.id !== entry.id || said.seq !== entry.seq) return 'broken';

  const sha256 = async (...parts: Uint8Array[]) =>
    new Uint8Array(await subtle.digest('SHA-256', joined(parts)));
  const node = (left: Uint8Array, right: Uint8Array) =>
    sha256(Uint8Array.of(1), left, right);
  let root = await sha256(Uint8Array.of(0), utf8(text));
  let at = entry.seq;
  let last = proof.head.size - 1;
  if (at > last) return 'broken';
  for (const hash of proof.hashes) {
    if (last === 0) return 'broken';
    const sibling = bytes(hash);
    if (at % 2 === 1 || at === last) {
      root = await node(sibling, root);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = await node(root, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  if (last !== 0 || !isSame(root, bytes(proof.head.root))) return 'broken';

  const { signature, ...signed } = proof.head;
  const key = keys.find(({ kid }) => kid === signed.keyId);
  if (!key) return 'broken';
  let publicKey: CryptoKey;
  try {
    publicKey = await subtle.importKey(
      'raw',
      bytes(key.x),
      { name: 'Ed25519' },
      false,
      ['verify'],
    );
  } catch (error) {
    if ((error as Error).name === 'NotSupportedError') return 'unsigned';
    return 'broken';
  }
  const isSigned = await subtle.verify(
    { name: 'Ed25519' },
    publicKey,
    bytes(signature),
    utf8(HEAD + canonicalize(signed)),
  );
  return isSigned ? 'proved' : 'broken';
}

type Bytes = Uint8Array<ArrayBuffer>;

function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}

/** The bytes of a text in Base64url. */
function bytes(text: string): Bytes {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, character => character.charCodeAt(0)) as Bytes;
}

function joined(parts: Uint8Array[]): Bytes {
  const all = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all as Bytes;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
