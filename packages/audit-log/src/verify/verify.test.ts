import fc from 'fast-check';
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
import { Ranges } from './Ranges';

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

  it('knows them as fast in a log in which every other entry was deleted', () => {
    const COUNT = 200_000;
    const dropped = new Ranges();
    const due: Array<[number, number]> = [];
    for (let seq = 0; seq < 2 * COUNT; seq += 2) {
      dropped.add(seq, seq + 1);
      due.push([seq, seq + 1]);
    }
    const begin = performance.now();
    expect(dropped.without(due.slice(0, -1).reverse()).list).toEqual([
      [2 * COUNT - 2, 2 * COUNT - 1],
    ]);
    // One by one it took an hour.
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it('says what is left of ranges as a set of their numbers would', () => {
    const numbers = fc.nat({ max: 30 });
    const given = fc.array(fc.tuple(numbers, numbers), { maxLength: 6 });
    fc.assert(
      fc.property(given, given, fc.boolean(), (kept, gone, atOnce) => {
        let all = new Ranges();
        const expected = new Set<number>();
        let from = 0;
        for (const [gap, size] of kept) {
          all.add(from + gap, from + gap + size);
          for (let at = 0; at < size; at += 1) expected.add(from + gap + at);
          from += gap + size;
        }
        if (atOnce) all = all.without(gone);
        for (const [a, b] of gone) {
          all.delete(a, b);
          for (let at = a; at < b; at += 1) expected.delete(at);
        }
        const left = Array.from({ length: from + 1 }, (_, at) => at);
        expect(left.filter(at => all.has(at))).toEqual(
          left.filter(at => expected.has(at)),
        );
      }),
    );
  });

  it('holds when a person was erased, and then nobody can read them', async () => {
    const erased = await log.export({ erased: true });
    expect(verify(erased, log.heads)).toMatchObject({
      intact: true,
      erased: 11,
    });
    expect(erased.join('\n')).not.toMatch(/dana|example\.com/);
  });

  it('names an entry that says what no log can have written', () => {
    const at = lineOf(lines, 5);
    const changes: Array<(line: string) => string> = [
      // Half a character, a number that is none, and what has no end.
      line => line.replace('orders', '\\ud800'),
      line => line.replace('"v":1', '"v":1e999'),
      line => line.replace('"v":1', `"v":${'['.repeat(1e5)}${']'.repeat(1e5)}`),
      // The same values, in another spelling.
      line => line.replace('"v":1', '"v": 1'),
      line => line.replace('"v":1', '"v":2,"v":1'),
      line => line.replace('orders', '\\u006frders'),
    ];
    for (const change of changes) {
      const changed = change(lines[at]);
      expect(changed).not.toBe(lines[at]);
      expect(verify(lines.with(at, changed)).problems[0]).toMatchObject({
        kind: 'altered',
        line: at + 1,
        seq: 5,
        id: 'entry-5',
      });
    }
    expect(
      verify(
        edit(lines, line => {
          if (line.kind === 'head') line.head.keyId = '\ud800';
        }),
      ).problems[0],
    ).toMatchObject({ kind: 'unreadable' });
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

  it('finds bytes that a decoder takes for one character', async () => {
    const log = await Log.of(3, seq =>
      seq === 1 ? { reason: 'odd \ufffd' } : {},
    );
    const bytes = Buffer.from((await log.export()).join('\n'));
    await writeFile(file('odd.jsonl'), bytes);
    expect((await run(file('odd.jsonl'))).code).toBe(0);
    const at = bytes.indexOf('\ufffd');
    await writeFile(
      file('odd.jsonl'),
      Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([0xff]),
        bytes.subarray(at + 3),
      ]),
    );
    expect(await run(file('odd.jsonl'))).toEqual({
      code: 1,
      output: expect.stringContaining('Line 3 is not a line of an export'),
    });
  });

  it('cuts a line that is longer than there can be', async () => {
    await writeFile(
      file('long.jsonl'),
      lines.with(2, lines[2] + ' '.repeat(5_000_000)).join('\n'),
    );
    const { code, output } = await run(file('long.jsonl'));
    expect(code).toBe(1);
    expect(output).toMatch(/^- Line 3, of entry 1 /);
  });

  it('lets no text of an export write lines of its own', async () => {
    await writeFile(
      file('talks.jsonl'),
      lines
        .with(3, lines[3].replace('"entry-2"', '"\\u001b[2J\\nIntact:\\u202e"'))
        .join('\n'),
    );
    for (const more of [[], ['--json']]) {
      const { code, output } = await run(file('talks.jsonl'), ...more);
      expect(code).toBe(1);
      expect(output).not.toMatch(/[^\n -~]/);
      expect(output).not.toMatch(/^Intact/m);
    }
  });

  it('says which file is none, and when heads are of another log', async () => {
    await writeFile(file('empty.jsonl'), '');
    for (const [option, name, said] of [
      ['--keys', 'empty.jsonl', 'is not JSON.'],
      ['--keys', 'heads.jsonl', 'is not JSON.'],
      ['--keys', 'none.json', 'is not as it should be at keys: '],
      ['--heads', 'keys.json', 'is not as it should be at tenant: '],
      ['--heads', 'empty.jsonl', 'has no heads.'],
    ]) {
      await writeFile(file('none.json'), '{}');
      expect(await run(file('good.jsonl'), option, file(name))).toEqual({
        code: 2,
        output: expect.stringContaining(`Not verified: ${file(name)} ${said}`),
      });
    }
    const other = secret.signer.signHead({
      tenant: 'other',
      size: 1,
      root: Buffer.alloc(32).toString('base64url'),
      time: timeOf(1),
    });
    await writeFile(file('other.jsonl'), JSON.stringify(other));
    expect(
      await run(file('good.jsonl'), '--heads', file('other.jsonl')),
    ).toMatchObject({
      code: 0,
      output: expect.stringContaining(
        'is of this log, so it was compared with none',
      ),
    });
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
