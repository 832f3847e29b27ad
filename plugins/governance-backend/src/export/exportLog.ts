import {
  DROP_ACTION,
  ExportWriter,
  type LogSigner,
  type TreeHead,
} from '@agentportal/audit-log';
import { ConflictError } from '@backstage/errors';
import { setImmediate as othersHadTheirTurn } from 'node:timers/promises';
import type { EntryReader, ReadEntry } from '../store/EntryReader';
import type { EntryFilter } from '../store/filter';
import type { TreeRow, TreeStore } from '../store/TreeStore';

/** Heads that are read at a time. */
const HEADS = 100;
/** Entries after which others have their turn: on SQLite nothing else lets them. */
const IN_ONE_GO = 20;

interface ExportOptions {
  reader: EntryReader;
  trees: TreeStore;
  signer: LogSigner;
  /** As large as the head. */
  tree: TreeRow;
  head: TreeHead;
  filter: EntryFilter;
  /** What the filter says, for whoever reads the export. */
  described: Record<string, unknown>;
}

/**
 * An export that can be verified, a line at a time. Without a filter it is of the whole
 * log: with the heads that were signed on the way, and hashes in the place of entries
 * that were deleted at the end of their time.
 */
export async function* exportLog(
  options: ExportOptions,
): AsyncGenerator<string> {
  const { reader, trees, signer, tree, head, filter, described } = options;
  const writer = new ExportWriter(signer);
  const isWhole = Object.values(filter).every(value => value === undefined);
  yield writer.line({
    kind: 'header',
    format: 'agent-portal-audit/1',
    tenant: tree.tenant,
    scope: isWhole ? 'all' : 'some',
    ...(!isWhole && { filter: described }),
    // Of the moment of the head: whoever signs another one a moment later signs a later one.
    createdAt: head.time,
    head,
    keys: (await trees.keys()).keys,
  });

  const proofOf = trees.inclusionProofs(tree.id, tree.size);
  const heads = headsOf(trees, tree);
  let nextHead = isWhole ? (await heads.next()).value : undefined;
  let after = -1;
  let written = 0;
  async function* upTo(seq: number): AsyncGenerator<string> {
    // Heads between deleted entries cannot be compared, so what is deleted ends at them.
    while (isWhole && after + 1 < seq) {
      const to = Math.min(seq, nextHead?.size ?? seq);
      const nodes = await trees.cover(tree.id, after + 1, to);
      yield writer.line({
        kind: 'dropped',
        from: after + 1,
        to,
        nodes: nodes.map(({ height, hash }) => ({
          height,
          hash: hash.toString('base64url'),
        })),
      });
      after = to - 1;
      yield* headHere();
    }
  }
  async function* headHere(): AsyncGenerator<string> {
    if (nextHead?.size === after + 1) {
      yield writer.line({ kind: 'head', head: nextHead });
      nextHead = (await heads.next()).value;
    }
  }

  for await (const page of reader.pages(tree, filter)) {
    for (const { seq, sealed, keys } of page) {
      yield* upTo(seq);
      const proof = await proofOf(seq);
      yield writer.line({
        kind: 'entry',
        after,
        entry: sealed,
        proof: proof.map(hash => hash.toString('base64url')),
        ...(Object.keys(keys).length && {
          keys: Object.fromEntries(
            Object.entries(keys).map(([subject, key]) => [
              subject,
              key.toString('base64url'),
            ]),
          ),
        }),
      });
      after = seq;
      yield* headHere();
      written += 1;
      if (written % IN_ONE_GO === 0) {
        await othersHadTheirTurn();
      }
    }
  }
  yield* upTo(tree.size);
  if (isWhole && (await wasThinned(options))) {
    throw new ConflictError(
      'Entries were deleted at the end of their time while the export ran. Export again.',
    );
  }
  yield writer.end();
}

/** One line for each entry, in a format of others. */
export async function* exportAs(
  options: Pick<ExportOptions, 'reader' | 'tree' | 'filter'>,
  toLine: (entry: ReadEntry['entry']) => string,
): AsyncGenerator<string> {
  for await (const page of options.reader.pages(options.tree, options.filter)) {
    yield page.map(({ entry }) => `${toLine(entry)}\n`).join('');
    await othersHadTheirTurn();
  }
}

async function wasThinned({ reader, trees, tree }: ExportOptions) {
  const now = await trees.find(tree.tenant);
  let beyond: number | undefined = tree.size - 1;
  while (beyond !== undefined) {
    // A page may be empty and not the last: a search looks at so many entries at a time.
    const page: Awaited<ReturnType<EntryReader['list']>> = await reader.list(
      now!,
      { type: ['other'], actor: 'plugin:governance', text: DROP_ACTION },
      { limit: 1, order: 'asc', beyond },
    );
    if (page.items.length) {
      return true;
    }
    beyond = page.next;
  }
  return false;
}

async function* headsOf(trees: TreeStore, tree: TreeRow) {
  let size = 0;
  for (;;) {
    const heads = await trees.heads(tree.id, size, HEADS);
    if (heads.length === 0 || heads[0].size > tree.size) {
      return undefined;
    }
    yield* heads;
    size = heads.at(-1)!.size;
  }
}
