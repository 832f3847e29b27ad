import { randomBytes } from 'node:crypto';
import { canonicalText } from '../encoding';
import type { ExportLine } from '../exportLines';
import { ExportWriter } from '../ExportWriter';
import type { TreeHead } from '../heads';
import { leafHash } from '../merkle/hashes';
import {
  appendLeaves,
  readCover,
  readInclusionProof,
  readRoot,
  type Tile,
} from '../merkle/tiles';
import { MasterSecret } from '../subjects/MasterSecret';
import { entryKeyOf, rename, sealPart } from '../subjects/persons';

export type Entry = Extract<ExportLine, { kind: 'entry' }>['entry'];

/** Tiles of a tree in memory. */
export class Tiles {
  readonly tiles = new Map<string, Tile>();
  size = 0;

  append(leaves: Buffer[]) {
    for (const tile of appendLeaves(
      this.size,
      [...this.tiles.values()],
      leaves,
    )) {
      this.tiles.set(`${tile.level}/${tile.index}`, tile);
    }
    this.size += leaves.length;
  }

  read = async (ids: Array<{ level: number; index: number }>) =>
    ids.flatMap(
      ({ level, index }) => this.tiles.get(`${level}/${index}`) ?? [],
    );
}

export const secret = new MasterSecret(Buffer.alloc(32, 7));
const subject = `subject:${randomBytes(16).toString('base64url')}`;
const subjectKey = randomBytes(32);
const BEGIN = Date.UTC(2026, 10, 1);

export const timeOf = (seq: number) =>
  new Date(BEGIN + seq * 1_000).toISOString();

export function entryOf(seq: number, more: object = {}): Entry {
  const id = `entry-${seq}`;
  const entry = {
    v: 1,
    tenant: 'default',
    seq,
    id,
    recordedAt: timeOf(seq),
    type: 'tool-call',
    action: 'orders.refund',
    actor: { type: 'person', ref: 'user:default/dana.lee' },
    reason: 'user:default/dana.lee may refund up to 200 EUR.',
    data: { amount: 12.5 + seq, nested: [{ ok: true, nothing: null }] },
    ...more,
  };
  return {
    ...rename(entry, new Map([['user:default/dana.lee', subject]])),
    sealed: [
      sealPart(entryKeyOf(subjectKey, id), id, subject, {
        ref: 'user:default/dana.lee',
        data: { email: 'dana@example.com' },
      }),
    ],
  };
}

/** A log with heads every so many entries, and its exports. */
export class Log {
  readonly tiles = new Tiles();
  readonly heads: TreeHead[] = [];

  constructor(readonly entries: Entry[], readonly headEvery = 4) {}

  static of(count: number, more: (seq: number) => object = () => ({})) {
    return new Log(
      Array.from({ length: count }, (_, seq) => entryOf(seq, more(seq))),
    ).build();
  }

  async build() {
    for (const entry of this.entries) {
      this.tiles.append([leafHash(canonicalText(entry))]);
      const size = this.tiles.size;
      if (size % this.headEvery === 0 || size === this.entries.length) {
        this.heads.push(
          secret.signer.signHead({
            tenant: 'default',
            size,
            root: (await readRoot(size, this.tiles.read)).toString('base64url'),
            time: entry.recordedAt,
          }),
        );
      }
    }
    return this;
  }

  /** The lines of an export; entries that are not kept are dropped or left out. */
  async export(
    options: {
      keep?: (entry: Entry) => boolean;
      scope?: 'all' | 'some';
      erased?: boolean;
      createdAt?: string;
    } = {},
  ): Promise<string[]> {
    const head = this.heads.at(-1)!;
    const {
      keep = () => true,
      scope = 'all',
      createdAt = head.time,
      erased,
    } = options;
    const writer = new ExportWriter(secret.signer);
    const lines = [
      writer.line({
        kind: 'header',
        format: 'agent-portal-audit/1',
        tenant: 'default',
        scope,
        createdAt,
        head,
        keys: [secret.signer.publicKey],
      }),
    ];
    let after = -1;
    for (const entry of this.entries) {
      const { seq, id } = entry;
      if (keep(entry)) {
        const proof = await readInclusionProof(seq, head.size, this.tiles.read);
        lines.push(
          writer.line({
            kind: 'entry',
            after,
            entry,
            proof: proof.map(hash => hash.toString('base64url')),
            ...(!erased && {
              keys: {
                [subject]: entryKeyOf(subjectKey, id).toString('base64url'),
              },
            }),
          }),
        );
        after = seq;
      } else if (scope === 'all') {
        lines.push(
          writer.line({
            kind: 'dropped',
            from: seq,
            to: seq + 1,
            nodes: (await readCover(seq, seq + 1, this.tiles.read)).map(
              ({ height, hash }) => ({
                height,
                hash: hash.toString('base64url'),
              }),
            ),
          }),
        );
        after = seq;
      }
      const own = this.heads.find(({ size }) => size === seq + 1);
      if (own && scope === 'all') {
        lines.push(writer.line({ kind: 'head', head: own }));
      }
    }
    lines.push(writer.end());
    return lines.map(line => line.trimEnd());
  }
}
