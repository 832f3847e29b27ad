/** @jest-environment node */
// The entries, proofs and signatures are those of the library that the backend uses.
// eslint-disable-next-line @backstage/no-mixed-plugin-imports
import {
  appendLeaves,
  canonicalText,
  leafHash,
  LogSigner,
  readInclusionProof,
  readRoot,
  type Tile,
} from '@agentportal/audit-log';
import type {
  AuditEntry,
  ProvenEntry,
} from '@agentportal/plugin-governance-common';
import { verifyProof } from './verifyProof';

const signer = LogSigner.fromSeed(Buffer.alloc(32, 7));
const keys = { keys: [signer.publicKey] } as Parameters<typeof verifyProof>[1];

function textOf(seq: number) {
  return canonicalText({ seq, id: `entry-${seq}`, reason: 'Bis 200 € – ja.' });
}

async function proven(seq: number, size: number): Promise<ProvenEntry> {
  const leaves = Array.from({ length: size }, (_, at) => leafHash(textOf(at)));
  const tiles: Tile[] = appendLeaves(0, [], leaves);
  const read = async () => tiles;
  const head = signer.signHead({
    tenant: 'default',
    size,
    root: (await readRoot(size, read)).toString('base64url'),
    time: '2026-11-28T10:00:00.000Z',
  });
  const hashes = await readInclusionProof(seq, size, read);
  return {
    entry: { seq, id: `entry-${seq}` } as AuditEntry,
    text: textOf(seq),
    proof: {
      leafHash: leaves[seq].toString('base64url'),
      hashes: hashes.map(hash => hash.toString('base64url')),
      head,
    },
  };
}

describe('the proof of an entry', () => {
  it.each([
    [0, 1],
    [0, 2],
    [2, 3],
    [5, 7],
    [6, 7],
    [255, 600],
    [599, 600],
  ])('holds for entry %i of %i', async (seq, size) => {
    expect(await verifyProof(await proven(seq, size), keys)).toBe('proved');
  });

  it.each<[string, (change: ProvenEntry) => void]>([
    ['its text', it => (it.text = it.text.replace('200', '900'))],
    ['another entry', it => (it.entry.id = 'entry-1')],
    ['its place', it => (it.text = textOf((it.entry.seq = 4)))],
    ['a hash', it => (it.proof.hashes[1] = it.proof.hashes[0])],
    ['a hash less', it => it.proof.hashes.pop()],
    ['a hash more', it => it.proof.hashes.push(it.proof.hashes[0])],
    ['the size', it => (it.proof.head.size += 1)],
    ['the root', it => (it.proof.head.root = it.proof.leafHash)],
    [
      'the time of the head',
      it => (it.proof.head.time = '2026-11-27T10:00:00.000Z'),
    ],
    ['the key', it => (it.proof.head.keyId = 'another')],
    [
      'the signature',
      it =>
        (it.proof.head.signature = it.proof.head.signature.replace(
          /^./,
          first => (first === 'A' ? 'B' : 'A'),
        )),
    ],
  ])('breaks with %s', async (_, change) => {
    const changed = await proven(5, 7);
    change(changed);
    expect(await verifyProof(changed, keys)).toBe('broken');
  });

  it('says what a browser without Ed25519 cannot tell', async () => {
    const unsupported = Object.assign(new Error(), {
      name: 'NotSupportedError',
    });
    const spy = jest
      .spyOn(globalThis.crypto.subtle, 'importKey')
      .mockRejectedValue(unsupported);
    expect(await verifyProof(await proven(5, 7), keys)).toBe('unsigned');
    spy.mockRestore();
  });
});
