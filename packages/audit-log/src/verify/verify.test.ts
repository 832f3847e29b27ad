import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Entry, entryOf, Log, secret, timeOf } from '../__testUtils__/log';
import { DROP_ACTION, LOG_SOURCE } from '../exportLines';
import type { TreeHead } from '../heads';
import { MasterSecret } from '../subjects/MasterSecret';
import { runAuditVerify } from './cli';
import { ExportVerifier } from './ExportVerifier';

const keys = { keys: [secret.signer.publicKey] };

function verify(lines: string[], heads: TreeHead[] = []) {
  const verifier = new ExportVerifier({ keys, heads });
  lines.forEach(line => verifier.line(line));
  return verifier.finish();
}

/** Changes what lines say, as somebody who has the file would. */
function edit(lines: string[], change: (line: any, index: number) => unknown) {
  return lines.map((text, index) => {
    const line = JSON.parse(text);
    change(line, index);
    return JSON.stringify(line);
  });
}

const lineOf = (lines: string[], seq: number) =>
  lines.findIndex(text => JSON.parse(text).entry?.seq === seq);

/** The paths of all values in a JSON value. */
function leavesOf(value: unknown, at: string[] = []): string[][] {
  return value && typeof value === 'object'
    ? Object.entries(value).flatMap(([key, inner]) =>
        leavesOf(inner, [...at, key]),
      )
    : [at];
}

describe('the verification of an export', () => {
  let log: Log;
  let lines: string[];
  beforeAll(async () => {
    log = await Log.of(11);
    lines = await log.export();
  });

  it('finds nothing in what was not touched', () => {
    expect(verify(lines, log.heads)).toMatchObject({
      intact: true,
      problems: [],
      entries: 11,
      scope: 'all',
      treeSize: 11,
      compared: 3,
      notCompared: 0,
      erased: 0,
      keysAreTrusted: true,
    });
  });

  it('names the entry for each field that was changed', () => {
    const index = lineOf(lines, 5);
    const fields = leavesOf(JSON.parse(lines[index])).filter(
      ([first]) => first !== 'kind',
    );
    expect(fields.length).toBeGreaterThan(15);
    for (const field of fields) {
      const changed = edit(lines, (line, i) => {
        if (i !== index) return;
        const last = field.at(-1)!;
        const holder = field.slice(0, -1).reduce((at, key) => at[key], line);
        const value = holder[last];
        if (typeof value === 'number') holder[last] = value + 1;
        else if (typeof value === 'boolean') holder[last] = !value;
        else if (value === null) holder[last] = 0;
        else {
          const middle = Math.floor(value.length / 2);
          const other = value[middle] === 'x' ? 'y' : 'x';
          holder[last] =
            value.slice(0, middle) + other + value.slice(middle + 1);
        }
      });
      const report = verify(changed);
      expect({ field, line: report.problems[0]?.line }).toEqual({
        field,
        line: index + 1,
      });
    }
  });

  it('finds each byte that was flipped anywhere, and names its line', async () => {
    const short = await (await Log.of(3)).export();
    for (const [index, line] of short.entries()) {
      // Of the later entries some bytes have to do.
      const step = index > 1 && line.startsWith('{"kind":"entry"') ? 23 : 1;
      for (let at = 0; at < line.length; at += step) {
        const bytes = Buffer.from(line);
        bytes[at] ^= 1;
        const { problems } = verify(short.with(index, bytes.toString('utf8')));
        // What the header says is found in other lines too, or in the last one.
        const isNamed = problems.some(
          problem => index === 0 || problem.line === index + 1,
        );
        expect({ index, at, isNamed }).toEqual({ index, at, isNamed: true });
      }
    }
  });

  it('names an entry that was altered together with its proof and digest', async () => {
    const other = await Log.of(11, seq =>
      seq === 5 ? { action: 'orders.none' } : {},
    );
    const forged = await other.export();
    const mixed = lines.with(lineOf(lines, 5), forged[lineOf(forged, 5)]);
    expect(verify(mixed).problems[0]).toMatchObject({
      kind: 'altered',
      seq: 5,
      id: 'entry-5',
    });
  });

  it('names what was dropped, swapped or written twice', () => {
    const at = lineOf(lines, 5);
    expect(verify(lines.toSpliced(at, 1)).problems).toContainEqual(
      expect.objectContaining({ kind: 'missing', seq: 5 }),
    );
    const swapped = lines.with(at, lines[at + 1]).with(at + 1, lines[at]);
    expect(verify(swapped).problems).toContainEqual(
      expect.objectContaining({ kind: 'reordered', seq: 5 }),
    );
    expect(verify(swapped).problems.map(p => p.kind)).not.toContain('missing');
    expect(verify(lines.toSpliced(at, 0, lines[at])).problems).toContainEqual(
      expect.objectContaining({ kind: 'repeated', seq: 5 }),
    );
  });

  it('names what was dropped from an export of some entries', async () => {
    const some = await log.export({
      scope: 'some',
      keep: ({ seq }) => seq % 2 === 0,
    });
    expect(verify(some, log.heads)).toMatchObject({
      intact: true,
      entries: 6,
      // Of the others it cannot be known without the whole log.
      compared: 1,
      notCompared: 2,
    });
    expect(verify(some.toSpliced(lineOf(some, 4), 1)).problems).toContainEqual(
      expect.objectContaining({ kind: 'missing', seq: 4 }),
    );
  });

  it('finds an entry that was back-dated before it was written', async () => {
    const back = await Log.of(11, seq =>
      seq === 7 ? { recordedAt: new Date(0).toISOString() } : {},
    );
    expect(verify(await back.export()).problems).toContainEqual(
      expect.objectContaining({ kind: 'back-dated', seq: 7 }),
    );
  });

  it('finds a log that was written anew, by the heads kept elsewhere', async () => {
    const replaced = entryOf(6, { reason: 'Nothing happened.' });
    const fork = await new Log(log.entries.with(6, replaced)).build();
    const forked = await fork.export();
    expect(verify(forked).intact).toBe(true);
    expect(verify(forked, log.heads).problems[0]).toMatchObject({
      kind: 'forked',
      message: expect.stringContaining('among the entries 4 to 7'),
    });
  });

  it('finds a log or a file whose end was cut off', async () => {
    const short = await Log.of(8);
    const cut = await short.export({ createdAt: timeOf(20) });
    expect(verify(cut).intact).toBe(true);
    expect(verify(cut, log.heads).problems[0]).toMatchObject({
      kind: 'truncated',
      message: expect.stringContaining('11 entries'),
    });
    expect(verify(lines.slice(0, 7)).problems.map(p => p.kind)).toEqual([
      'truncated',
      'truncated',
    ]);
    expect(verify(lines.slice(0, -1)).problems[0].kind).toBe('truncated');
  });

  it('does not take an export for cut because the log went on since', async () => {
    const then = await new Log(log.entries.slice(0, 8)).build();
    const before = await then.export();
    expect(verify(before, log.heads)).toMatchObject({
      intact: true,
      createdAt: timeOf(7),
      compared: 2,
      later: 1,
    });
  });

  it('believes no other key', async () => {
    const stranger = new MasterSecret(Buffer.alloc(32, 8)).signer;
    const report = verify(
      edit(lines, line => {
        if (line.kind !== 'header') return;
        line.keys = [stranger.publicKey];
        const { tenant, size, root, time } = line.head;
        line.head = stranger.signHead({ tenant, size, root, time });
      }),
    );
    expect(report.problems[0]).toMatchObject({ kind: 'not-signed', line: 1 });
  });

  it('knows deleted entries from those that were taken away', async () => {
    const dropBy = (source: string): Entry =>
      entryOf(10, {
        action: DROP_ACTION,
        source,
        data: {
          ranges: [
            [2, 4],
            [6, 7],
          ],
        },
      });
    const kept = await new Log([
      ...log.entries.slice(0, 10),
      dropBy(LOG_SOURCE),
    ]).build();
    const left = (gone: number[], of = kept) =>
      of.export({ keep: ({ seq }) => !gone.includes(seq) });
    expect(verify(await left([2, 3, 6]), kept.heads)).toMatchObject({
      intact: true,
      entries: 8,
      dropped: 3,
    });
    expect(verify(await left([2, 3, 5, 6])).problems).toEqual([
      expect.objectContaining({ kind: 'missing', seq: 5 }),
    ]);
    // Only the log itself can say so.
    const claimed = await new Log([
      ...log.entries.slice(0, 10),
      dropBy('plugin:acme'),
    ]).build();
    expect(verify(await left([2, 3, 6], claimed)).problems).toMatchObject([
      { kind: 'missing', seq: 2 },
      { kind: 'missing', seq: 6 },
    ]);
  });

  it('holds when a person was erased, and then nobody can read them', async () => {
    const erased = await log.export({ erased: true });
    expect(verify(erased, log.heads)).toMatchObject({
      intact: true,
      erased: 11,
    });
    expect(erased.join('\n')).not.toMatch(/dana|example\.com/);
  });

  it('says what is wrong with what is no export', () => {
    for (const text of ['', '{}', 'null', '{"kind":"entry"}', '\u0000']) {
      const { problems } = verify([text]);
      expect(problems[0]).toMatchObject({ kind: 'unreadable', line: 1 });
    }
    expect(verify([]).problems[0].kind).toBe('truncated');
  });
});

describe('audit-verify', () => {
  let folder: string;
  let lines: string[];
  const file = (name: string) => path.join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'audit-verify-'));
    const log = await Log.of(9);
    lines = await log.export();
    await writeFile(file('good.jsonl'), `${lines.join('\n')}\n`);
    await writeFile(
      file('bad.jsonl'),
      lines.with(3, lines[3].replace('refund', 'refunt')).join('\n'),
    );
    await writeFile(file('keys.json'), JSON.stringify(keys));
    await writeFile(
      file('heads.jsonl'),
      log.heads.map(head => `${JSON.stringify(head)}\n`).join(''),
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function run(...args: string[]) {
    let output = '';
    const code = await runAuditVerify(args, text => (output += text));
    return { code, output };
  }

  it('tells by its exit code what came out', async () => {
    const trusted = [
      '--keys',
      file('keys.json'),
      '--heads',
      file('heads.jsonl'),
    ];
    expect(await run(file('good.jsonl'), ...trusted)).toEqual({
      code: 0,
      output: expect.stringMatching(
        /^Intact: 9 entries .*\nCompared with 3 kept heads\.\n$/,
      ),
    });
    // A folder of heads, as the Git anchor writes them.
    await mkdir(file('heads/default'), { recursive: true });
    await copyFile(file('heads.jsonl'), file('heads/default/2026-11-01.jsonl'));
    await writeFile(file('heads/HEAD'), 'ref: refs/heads/main\n');
    expect(
      await run(file('good.jsonl'), ...trusted.with(3, file('heads'))),
    ).toMatchObject({
      code: 0,
      output: expect.stringContaining('Compared with 3 kept heads'),
    });
    expect((await run(file('good.jsonl'))).output).toContain('Give --keys');
    const bad = await run(file('bad.jsonl'), '--json');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.output).problems[0]).toMatchObject({
      kind: 'altered',
      seq: 2,
      id: 'entry-2',
    });
    expect((await run(file('none.jsonl'))).code).toBe(2);
    expect((await run('--nonsense')).code).toBe(2);
    expect((await run()).output).toContain('audit-verify <export.jsonl>');
  });

  it('runs as a program', async () => {
    const program = path.resolve(
      __dirname,
      '../../../audit-verify/bin/audit-verify.js',
    );
    const call = promisify(execFile);
    const { stdout } = await call(process.execPath, [
      program,
      file('good.jsonl'),
    ]);
    expect(stdout).toContain('Intact: 9 entries');
    await expect(
      call(process.execPath, [program, file('bad.jsonl')]),
    ).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'Entry 2 (entry-2) in line 4 was altered',
      ),
    });
  }, 60_000);
});
