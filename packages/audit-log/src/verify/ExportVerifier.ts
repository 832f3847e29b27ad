import { createHash } from 'node:crypto';
import { canonicalText, decode, encode } from '../encoding';
import {
  DROP_ACTION,
  dropSchema,
  type ExportLine,
  exportLineSchema,
  LOG_SOURCE,
} from '../exportLines';
import { LogVerifier, type PublicKeys, type TreeHead } from '../heads';
import { leafHash } from '../merkle/hashes';
import { rootOfInclusion } from '../merkle/proofs';
import { RunningTree } from '../merkle/RunningTree';
import { openPart } from '../subjects/persons';
import { KeptHeads } from './KeptHeads';
import { Findings, type VerificationReport } from './report';
import { Ranges } from './Ranges';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Line<Kind> = Extract<ExportLine, { kind: Kind }>;

/**
 * Verifies an export line by line, in memory that does not grow with it.
 *
 * @public
 */
export class ExportVerifier {
  readonly #findings = new Findings();
  readonly #digest = createHash('sha256');
  readonly #given: PublicKeys | undefined;
  readonly #kept: KeptHeads;
  readonly #tree = new RunningTree();
  /** What no line has shown so far though a later one was there. */
  readonly #missing = new Ranges();
  /** What was deleted, and of which entries say that it was time. */
  readonly #dropped = new Ranges();
  readonly #due: Array<[number, number]> = [];
  #verifier: LogVerifier | undefined;
  #header: Line<'header'> | undefined;
  #lines = 0;
  #ended = false;
  /** The lines so far are those of the tree, so that its root means something. */
  #unbroken = true;
  #lastSeq = -1;
  #lastTime = '';
  #headTime = '';
  #counts = { entries: 0, dropped: 0, erased: 0 };

  /**
   * @param options - `keys`: public keys from another source than the export;
   *   `heads`: signed heads that were kept apart from the log
   */
  constructor(options: { keys?: PublicKeys; heads?: TreeHead[] } = {}) {
    this.#given = options.keys;
    this.#verifier = options.keys && new LogVerifier(options.keys);
    this.#kept = new KeptHeads(options.heads ?? []);
  }

  /** Takes the next line, without its line feed, as its text or as the bytes that are in the file. */
  line(line: string | Buffer): void {
    this.#lines += 1;
    if (this.#ended) {
      this.#add('altered', `Line ${this.#lines} stands behind the end.`);
      return;
    }
    this.#read(line);
    this.#digest.update(line).update('\n');
  }

  #read(line: string | Buffer): void {
    let text;
    let value: unknown;
    let parsed;
    try {
      text = textOf(line);
      value = JSON.parse(text);
      parsed = exportLineSchema.safeParse(value);
    } catch {
      // said below
    }
    if (!parsed?.success) {
      this.#unreadable(parsed?.error?.issues[0]?.path.join('.'));
    } else if (
      (this.#lines === 1) !== (parsed.data.kind === 'header') ||
      (!this.#header && parsed.data.kind !== 'header')
    ) {
      this.#add(
        'altered',
        `Line ${this.#lines} is a "${
          parsed.data.kind
        }"; the header is the first line, and only that.`,
      );
    } else {
      if (!isWrittenAs(value, text!)) {
        const { seq, id } =
          parsed.data.kind === 'entry' ? parsed.data.entry : {};
        this.#add(
          'altered',
          `Line ${this.#lines}${
            seq === undefined ? '' : `, of entry ${seq} (${id}),`
          } is not spelled as exports are: something was added to it or written in another way.`,
          { seq, id },
        );
      }
      this.#take(parsed.data);
    }
  }

  /** What was found, once all lines were taken. */
  finish(): VerificationReport {
    const { list } = this.#missing;
    for (const [from, to] of list) {
      this.#add('missing', `${entriesIn(from, to)} missing.`, { seq: from });
    }
    if (!this.#ended) {
      this.#add(
        'truncated',
        `The export breaks off after line ${
          this.#lines
        }; its last line is not there.`,
      );
    }
    const header = this.#header;
    if (header) {
      this.#compareKept(Infinity);
      if (header.scope === 'all') {
        const last = header.head.size - 1;
        if (this.#lastSeq < last) {
          this.#add(
            'truncated',
            `${entriesIn(
              this.#lastSeq + 1,
              last + 1,
            )} missing at the end; the signed head has ${header.head.size}.`,
            { seq: this.#lastSeq + 1 },
          );
        }
        this.#compareRoot(header.head, 'The head in the first line');
      }
    }
    for (const [from, to] of this.#dropped.without(this.#due).list) {
      this.#add(
        'missing',
        `${entriesIn(
          from,
          to,
        )} said to be deleted at the end of their time, but no entry of the log says so.`,
        { seq: from },
      );
    }
    return {
      intact: this.#findings.count === 0,
      problems: this.#findings.problems,
      problemCount: this.#findings.count,
      ...(header && {
        tenant: header.tenant,
        scope: header.scope,
        createdAt: header.createdAt,
        treeSize: header.head.size,
      }),
      ...this.#counts,
      compared: this.#kept.compared,
      notCompared: this.#kept.notCompared,
      later: this.#kept.later,
      keysAreTrusted: this.#given !== undefined,
    };
  }

  #take(line: ExportLine): void {
    switch (line.kind) {
      case 'header':
        this.#takeHeader(line);
        break;
      case 'head':
        this.#takeHead(line.head);
        break;
      case 'entry':
        this.#takeEntry(line);
        break;
      case 'dropped':
        this.#takeDropped(line);
        break;
      default:
        this.#takeEnd(line);
    }
  }

  #takeHeader(header: Line<'header'>): void {
    this.#header = header;
    this.#verifier ??= new LogVerifier(header);
    this.#requireSigned(header.head, 'The head in the first line');
    for (const kept of this.#kept.of(header.tenant)) {
      const name = `The kept head of ${kept.size} entries`;
      this.#requireSigned(kept, name);
      // What was signed after the export was made says nothing about it.
      if (kept.size > header.head.size && kept.time < header.createdAt) {
        this.#add(
          'truncated',
          `${name} of ${kept.time} is longer than the log of this export of ${header.createdAt}, which has ${header.head.size}: its end was cut off.`,
        );
      }
    }
  }

  #takeHead(head: TreeHead): void {
    const name = `The head of ${head.size} entries in line ${this.#lines}`;
    this.#requireSigned(head, name);
    if (head.size !== this.#lastSeq + 1) {
      this.#add('reordered', `${name} stands after entry ${this.#lastSeq}.`);
      return;
    }
    this.#compareRoot(head, name);
    if (head.time < this.#lastTime) {
      this.#add(
        'back-dated',
        `${name} says ${head.time}, before its last entry of ${
          this.#lastTime
        }.`,
      );
    }
    this.#headTime = head.time;
  }

  #takeEntry({ entry, after, proof, keys = {} }: Line<'entry'>): void {
    const header = this.#header!;
    const { seq, id, recordedAt } = entry;
    const name = `Entry ${seq} (${id}) in line ${this.#lines}`;
    const at = { seq, id };
    this.#counts.entries += 1;

    const leaf = leafOf(entry);
    const root =
      leaf &&
      rootOfInclusion({
        index: seq,
        size: header.head.size,
        leaf,
        hashes: proof.map(decode),
      });
    if (
      entry.tenant !== header.tenant ||
      root?.equals(decode(header.head.root)) !== true
    ) {
      this.#unbroken = false;
      this.#add(
        'altered',
        `${name} was altered, or is not of this log: it does not lead to the signed head.`,
        at,
      );
    }
    this.#compareKept(seq);
    if (!this.#isNext(seq, after, name, at)) {
      return;
    }
    if (leaf && this.#isWhole()) {
      this.#tree.append(leaf);
    }
    this.#lastSeq = seq;
    if (recordedAt < this.#lastTime || recordedAt < this.#headTime) {
      this.#add(
        'back-dated',
        `${name} says it was recorded at ${recordedAt}, before what stands before it.`,
        at,
      );
    } else {
      this.#lastTime = recordedAt;
    }
    const parts = entry.sealed ?? [];
    const subjects = new Set(parts.map(({ subject }) => subject));
    if (Object.keys(keys).some(key => !subjects.has(key))) {
      this.#add('altered', `${name} comes with a key that is not its own.`, at);
    }
    for (const part of parts) {
      const key = keys[part.subject];
      try {
        if (key) openPart(decode(key), id, part);
        else this.#counts.erased += 1;
      } catch {
        this.#add(
          'altered',
          `${name}: the key of ${part.subject} does not open its part.`,
          at,
        );
      }
    }
    const drop =
      entry.action === DROP_ACTION &&
      entry.source === LOG_SOURCE &&
      dropSchema.safeParse(entry.data);
    if (drop && drop.success) {
      for (const [from, to] of drop.data.ranges) {
        // It says nothing of what comes after it.
        this.#due.push([from, Math.min(to, seq)]);
      }
    }
  }

  #takeDropped({ from, to, nodes }: Line<'dropped'>): void {
    const name = `${entriesIn(from, to)} deleted (line ${this.#lines})`;
    this.#compareKept(from);
    const size = nodes.reduce((sum, { height }) => sum + 2 ** height, 0);
    if (size !== to - from) {
      this.#add('altered', `${name}, but hashes of ${size} stand for them.`, {
        seq: from,
      });
      this.#unbroken = false;
    }
    if (!this.#isNext(from, this.#lastSeq, name, { seq: from })) {
      return;
    }
    try {
      if (this.#unbroken) {
        nodes.forEach(node =>
          this.#tree.append(decode(node.hash), node.height),
        );
      }
    } catch {
      this.#unbroken = false;
      this.#add('altered', `${name}, but their hashes do not fit the tree.`, {
        seq: from,
      });
    }
    this.#counts.dropped += to - from;
    this.#dropped.add(from, to);
    this.#lastSeq = to - 1;
  }

  #takeEnd(end: Line<'end'>): void {
    this.#ended = true;
    const digest = this.#digest.copy().digest();
    if (end.entries !== this.#counts.entries) {
      this.#add(
        'missing',
        `The export says that it has ${end.entries} entries; here are ${
          this.#counts.entries
        }.`,
      );
    }
    if (!this.#verifier!.isExportSigned(decode(end.digest), end)) {
      this.#add('not-signed', 'No known key has signed the last line.');
    }
    if (encode(digest) !== end.digest) {
      this.#add(
        'altered',
        'The lines are not those that were exported; the digest in the last line is another.',
      );
    }
  }

  /** Whether a line goes on where the last one ended, or at least after it. */
  #isNext(
    seq: number,
    after: number,
    name: string,
    at: { seq: number; id?: string },
  ): boolean {
    if (seq <= this.#lastSeq) {
      this.#unbroken = false;
      const reordered = this.#missing.has(seq);
      this.#missing.delete(seq, seq + 1);
      this.#add(
        reordered ? 'reordered' : 'repeated',
        `${name} stands after entry ${this.#lastSeq}${
          reordered ? '' : ' and was there before'
        }.`,
        at,
      );
      return false;
    }
    const expected = this.#header!.scope === 'all' ? seq - 1 : after;
    if (expected > this.#lastSeq) {
      this.#unbroken = false;
      // Of an export of some entries it is known only which one is gone.
      this.#missing.add(
        this.#header!.scope === 'all' ? this.#lastSeq + 1 : expected,
        expected + 1,
      );
    } else if (after !== this.#lastSeq) {
      this.#add(
        'altered',
        `${name} says that it follows entry ${after}, but follows ${
          this.#lastSeq
        }.`,
        at,
      );
    }
    return true;
  }

  #compareKept(size: number): void {
    const problems = this.#kept.passTo(size, {
      head: this.#header!.head,
      rootAt: at =>
        this.#isWhole() && this.#tree.size === at
          ? encode(this.#tree.root())
          : undefined,
      lastSeq: this.#lastSeq,
      lastTime: this.#lastTime,
    });
    for (const { kind, message, seq } of problems) {
      this.#add(kind, message, { seq });
      this.#unbroken = false;
    }
    if (this.#kept.time > this.#headTime) {
      this.#headTime = this.#kept.time;
    }
  }

  /** All entries so far are those of the log, so that their root means something. */
  #isWhole(): boolean {
    return this.#unbroken && this.#header?.scope === 'all';
  }

  #compareRoot(head: TreeHead, name: string): void {
    if (
      this.#isWhole() &&
      this.#tree.size === head.size &&
      encode(this.#tree.root()) !== head.root
    ) {
      this.#add(
        'forked',
        `${name} has another root than the entries before it.`,
        { seq: head.size - 1 },
      );
      this.#unbroken = false;
    }
  }

  #requireSigned(head: TreeHead, name: string): void {
    if (
      head.tenant !== this.#header!.tenant ||
      !this.#verifier!.isHeadSigned(head)
    ) {
      this.#add(
        'not-signed',
        `${name} is not signed by a known key for this log.`,
      );
    }
  }

  #unreadable(field: string | undefined): void {
    this.#unbroken = false;
    this.#add(
      'unreadable',
      `Line ${this.#lines} is not a line of an export${
        field ? `: see ${field}` : ''
      }. It follows entry ${this.#lastSeq}.`,
    );
  }

  #add(
    kind: Parameters<Findings['add']>[0]['kind'],
    message: string,
    at: { seq?: number; id?: string } = {},
  ): void {
    this.#findings.add({ kind, message, line: this.#lines, ...at });
  }
}

function entriesIn(from: number, to: number): string {
  return to - from === 1
    ? `Entry ${from} is`
    : `Entries ${from} to ${to - 1} are`;
}

/** @throws TypeError for bytes that are no UTF-8: decoders take many of them for one character */
function textOf(line: string | Buffer): string {
  return typeof line === 'string' ? line : utf8.decode(line);
}

/** Whether a line is the one text in which exports write this value. */
function isWrittenAs(value: unknown, text: string): boolean {
  try {
    return JSON.stringify(value) === text;
  } catch {
    // It is nested deeper than anything that is written.
    return false;
  }
}

/** The leaf of an entry; no log has one for what canonical JSON cannot say. */
function leafOf(entry: Line<'entry'>['entry']): Buffer | undefined {
  try {
    return leafHash(canonicalText(entry));
  } catch {
    return undefined;
  }
}
