import { TestDatabases } from '@backstage/backend-test-utils';
import createKnex from 'knex';
import {
  exportLines,
  openLog,
  record,
  SECRET,
  verify,
} from '../__testUtils__/log';
import { toNewEntry } from '../log/toNewEntry';
import { makeDurable, MIGRATIONS_DIRECTORY } from './database';

jest.setTimeout(120_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });
const DAY = 86_400_000;
const officer = {
  actor: { type: 'person' as const, ref: 'user:default/olga' },
};
const page = { limit: 100 };

describe.each(databases.eachSupportedId())('the audit log on %s', id => {
  async function open(options?: Parameters<typeof openLog>[1]) {
    const knex = await databases.init(id);
    await makeDurable(knex);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    return { knex, ...(await openLog(knex, options)) };
  }

  it('can be taken back', async () => {
    const { knex } = await open();
    await knex.migrate.rollback({ directory: MIGRATIONS_DIRECTORY }, true);
    expect(await knex.schema.hasTable('audit_entries')).toBe(false);
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  });

  it('lets a replica of the version before write on while others are upgraded', async () => {
    const { knex } = await open();
    // What that version writes with each entry.
    const count = { tree: 1, day: 1, type: 'other', outcome: 'denied' };
    for (let i = 0; i < 2; i += 1) {
      await knex('audit_daily')
        .insert({ ...count, agent_ref: '', entries: 1 })
        .onConflict(['tree', 'day', 'type', 'outcome', 'agent_ref'])
        .merge({ entries: knex.raw('audit_daily.entries + excluded.entries') });
    }
    expect(Number((await knex('audit_daily').first()).entries)).toBe(2);
  });

  it('keeps every field, and an export of it verifies', async () => {
    const { audit, trees } = await open({
      owners: { 'agent:default/desk': 'group:default/care' },
    });
    const whole = record({
      time: '2026-11-20T10:00:00.000Z',
      reason: 'user:default/Dana may refund up to 200 EUR.',
      ruleIds: ['refund-limit'],
      argsDigest: 'sha256:abc',
      versions: { policy: '7', toolSchema: '3' },
      delegation: {
        id: 'd-1',
        chain: ['agent:default/front', 'agent:default/desk'],
      },
      riskTier: 'external',
      sessionId: 's-1',
      step: 3,
      data: { amount: 12.5, note: 'für user:default/elin, 100 % \u0000 " \\' },
      personal: { 'user:default/dana': { email: 'dana@example.com' } },
    });
    const [receipt] = await audit.record([whole], 'plugin:tools');
    await audit.record(
      Array.from({ length: 600 }, () => record()),
      'plugin:tools',
    );

    const { entry, text, proof } = await audit.get(undefined, receipt.id, {});
    expect(entry).toMatchObject({
      ...whole,
      seq: 0,
      source: 'plugin:tools',
      agentOwnerRef: 'group:default/care',
      retention: 'standard',
      reason: 'user:default/dana may refund up to 200 EUR.',
      sentence:
        'agent:default/desk called the tool tool:default/orders.refund for user:default/dana, handed on by agent:default/front: user:default/dana may refund up to 200 EUR.',
    });
    expect(text).not.toMatch(/dana|elin|example\.com/);
    expect(proof.head.size).toBeGreaterThan(600);

    const lines = await exportLines(audit);
    const keys = await trees.keys();
    const heads = await trees.heads(1, 0, 1_000);
    expect(verify(lines, keys, heads)).toMatchObject({
      intact: true,
      scope: 'all',
      entries: 602,
      notCompared: 0,
    });
    const at = lines.findIndex(line => line.includes(receipt.id));
    const changed = lines.with(
      at,
      lines[at].replace('"amount":12.5', '"amount":1.5'),
    );
    expect(verify(changed, keys).problems[0]).toMatchObject({
      kind: 'altered',
      id: receipt.id,
    });
    const some = await exportLines(audit, {
      outcome: ['succeeded'],
      type: ['tool-call'],
    });
    expect(verify(some, keys)).toMatchObject({
      intact: true,
      scope: 'some',
      entries: 601,
    });
  });

  it('seals nothing for a person who was erased after the entry was made ready', async () => {
    const { knex, audit, entries, subjects, trees } = await open();
    const other = id === 'SQLITE_3' ? knex : createKnex(knex.client.config);
    const replica = await openLog(other);
    const made = () =>
      toNewEntry(record({ reason: 'Said.' }), {
        source: 'plugin:x',
        retention: 'standard',
      });
    await entries.append('default', [made()]);
    const ready = made();
    entries.prepare('default', ready);
    expect(ready.sealed).toBeDefined();

    await replica.audit.erase(
      { personRef: 'user:default/dana', reason: 'Asked for.' },
      officer,
    );
    const [{ seq }] = await entries.append('default', [ready]);
    const [tree] = await trees.list();
    const [now] = (await subjects.find(tree, ['user:default/dana'])).values();
    const rows = await knex('audit_entry_subjects').where({ seq });
    expect(rows.map(({ subject }) => subject)).toEqual([now]);
    expect((await audit.get(undefined, ready.id, {})).entry).toMatchObject({
      personRef: 'user:default/dana',
    });
    if (other !== knex) await other.destroy();
  });

  it('records an id once, however often it is sent', async () => {
    const { audit } = await open();
    const again = record({ id: 'the-one' });
    const first = await audit.record([again, record(), again], 'plugin:x');
    expect(first[2]).toEqual(first[0]);
    const second = await audit.record([record(), again], 'plugin:x');
    expect(second[1]).toEqual(first[0]);
    expect((await audit.list(undefined, {}, page)).items).toHaveLength(3);
  });

  it('numbers without gaps when replicas write at once', async () => {
    const { knex, audit, trees } = await open();
    // On SQLite one process has the file; elsewhere each replica a connection of its own.
    const other = id === 'SQLITE_3' ? knex : createKnex(knex.client.config);
    const replicas = [audit, (await openLog(other)).audit];
    const receipts = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        replicas[i % 2].record(
          Array.from({ length: 1 + (i % 7) }, () =>
            record({ personRef: `user:default/p${i % 5}` }),
          ),
          'plugin:x',
        ),
      ),
    );
    const seqs = receipts.flat().map(({ seq }) => seq);
    expect(seqs.sort((a, b) => a - b)).toEqual(seqs.map((_, i) => i));
    expect(verify(await exportLines(audit), await trees.keys())).toMatchObject({
      intact: true,
      entries: seqs.length + 1,
    });
    if (other !== knex) await other.destroy();
  });

  it('finds entries by each filter, a page at a time', async () => {
    const { audit } = await open({
      owners: { 'agent:default/desk': 'group:default/care' },
    });
    await audit.record(
      [
        record({ id: 'a', outcome: 'denied', reason: 'Not 100% sure' }),
        record({ id: 'b', type: 'decision', runId: 'run-2' }),
        record({
          id: 'c',
          actor: { type: 'person', ref: 'user:default/elin' },
          agentRef: undefined,
          personRef: undefined,
          resource: 'user:default/dana',
        }),
        record({
          id: 'd',
          agentRef: 'agent:default/other',
          personRef: undefined,
        }),
      ],
      'plugin:x',
    );
    const ids = async (filter: Parameters<typeof audit.list>[1]) =>
      (await audit.list(undefined, filter, page)).items
        .map(item => item.id)
        .sort()
        .join('');
    expect(await ids({})).toBe('abcd');
    expect(await ids({ outcome: ['denied'] })).toBe('a');
    expect(await ids({ type: ['decision', 'approval'] })).toBe('b');
    expect(await ids({ actor: 'user:default/Elin' })).toBe('c');
    expect(await ids({ actor: 'agent:default/desk' })).toBe('ab');
    expect(await ids({ agentRef: 'agent:default/other' })).toBe('d');
    expect(await ids({ personRef: 'user:default/dana' })).toBe('abc');
    expect(await ids({ personRef: 'user:default/nobody' })).toBe('');
    expect(await ids({ resource: 'user:default/dana' })).toBe('c');
    expect(await ids({ runId: 'run-2' })).toBe('b');
    expect(await ids({ text: '100% SURE' })).toBe('a');
    expect(await ids({ text: '100_ sure' })).toBe('');
    expect(await ids({ from: Date.now() + DAY })).toBe('');
    expect(await ids({ to: Date.now() + DAY, from: Date.now() - DAY })).toBe(
      'abcd',
    );
    expect(await ids({ to: Date.now() - DAY })).toBe('');
    const mine = { key: 'person' as const, values: ['user:default/elin'] };
    const owned = {
      key: 'agentOwner' as const,
      values: ['group:default/care'],
    };
    expect(await ids({ allowed: { anyOf: [mine, owned] } })).toBe('abc');
    expect(await ids({ allowed: { not: owned } })).toBe('cd');
    expect(await ids({ allowed: { allOf: [mine, owned] } })).toBe('');

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const next = await audit.list(undefined, {}, { limit: 3, cursor });
      seen.push(...next.items.map(item => item.id));
      cursor = next.nextCursor;
    } while (cursor);
    expect(seen).toEqual(['d', 'c', 'b', 'a']);

    const everything = await audit.stats(undefined, {});
    expect(everything).toMatchObject({
      days: [{ entries: 4, denied: 1, failed: 0 }],
      types: [
        { value: 'tool-call', entries: 3 },
        { value: 'decision', entries: 1 },
      ],
      agents: [
        { value: 'agent:default/desk', entries: 2 },
        { value: 'agent:default/other', entries: 1 },
      ],
    });
    const limited = await audit.stats(undefined, { allowed: owned });
    expect(limited.days).toMatchObject([{ entries: 2, denied: 1 }]);
  });

  it('shows what an agent tries on another one to the owners of both', async () => {
    const owners = {
      'agent:default/evil': 'group:default/other',
      'agent:default/desk': 'group:default/care',
    };
    const { audit, counts } = await open({ owners });
    await audit.record(
      [
        record({
          agentRef: 'agent:default/evil',
          action: 'agents.agent-suspend',
          resource: 'agent:default/desk',
          outcome: 'denied',
        }),
        record({ agentRef: 'agent:default/evil' }),
      ],
      'plugin:agents',
    );
    const sees = async (owner: string) => {
      const allowed = { key: 'agentOwner' as const, values: [owner] };
      const { items } = await audit.list(undefined, { allowed }, page);
      const { days } = await audit.stats(undefined, { allowed });
      return [items.length, days[0]?.entries ?? 0];
    };
    for (let i = 0; i < 2; i += 1) {
      expect(await sees('group:default/other')).toEqual([2, 2]);
      expect(await sees('group:default/care')).toEqual([1, 1]);
      expect(await sees('group:default/nobody')).toEqual([0, 0]);
      await counts.catchUp([1]);
    }
  });

  it('seals the owner of an agent who is a person, and finds by her', async () => {
    const owners = { 'agent:default/desk': 'user:default/olga' };
    const { audit, counts, knex } = await open({ owners });
    const [receipt] = await audit.record([record()], 'plugin:tools');
    const { entry, text } = await audit.get(undefined, receipt.id, {});
    expect(entry.agentOwnerRef).toBe('user:default/olga');
    expect(text).not.toContain('olga');
    await counts.catchUp([1]);
    for (const table of ['audit_entries', 'audit_counts']) {
      const rows = await knex(table);
      expect(rows).not.toEqual([]);
      expect(JSON.stringify(rows)).not.toContain('olga');
    }
    for (const [ref, found] of [
      ['user:default/olga', 1],
      ['user:default/mallory', 0],
    ] as const) {
      const allowed = { key: 'agentOwner' as const, values: [ref] };
      const { items } = await audit.list(undefined, { allowed }, { limit: 9 });
      expect(items).toHaveLength(found);
      const { days } = await audit.stats(undefined, { allowed });
      expect(days).toHaveLength(found);
    }
  });

  it('counts the same for whoever asks, however far the log is counted', async () => {
    const owners = {
      'agent:default/desk': 'group:default/care',
      'agent:default/clerk': 'group:default/finance',
    };
    const { knex, audit, counts } = await open({ owners });
    const other = await openLog(knex, { owners });
    const persons = ['dana', 'elin', 'olga'].map(
      name => `user:default/${name}`,
    );
    const write = (from: number, to: number) =>
      audit.record(
        Array.from({ length: to - from }, (_, n) => {
          const i = from + n;
          const [actor, outcome] = [
            i % 4,
            i % 3 ? 'succeeded' : 'denied',
          ] as const;
          return record({
            outcome,
            type: i % 5 ? 'tool-call' : 'decision',
            personRef: persons[i % 3],
            // Some name two persons, and some no agent.
            ...(actor === 0 && { reason: `for ${persons[(i + 1) % 3]}` }),
            ...(actor === 3
              ? {
                  actor: { type: 'person' as const, ref: persons[i % 3] },
                  agentRef: undefined,
                }
              : { agentRef: Object.keys(owners)[i % 2] }),
          });
        }),
        'plugin:tools',
      );
    const mine = { key: 'person' as const, values: [persons[0]] };
    const owned = {
      key: 'agentOwner' as const,
      values: ['group:default/care'],
    };
    const filters: Array<Parameters<typeof audit.list>[1]> = [
      {},
      { allowed: mine },
      { allowed: { anyOf: [mine, owned] } },
      { allowed: { allOf: [mine, { not: owned }] } },
      { allowed: { key: 'person' as const, values: ['user:default/nobody'] } },
      { agentRef: 'agent:default/desk', outcome: ['denied' as const] },
    ];
    const expectExact = async (size: number) => {
      for (const filter of filters) {
        const { items } = await audit.list(undefined, filter, {
          limit: 1_000,
        });
        const { days, types, agents } = await audit.stats(undefined, filter);
        const sum = (of: Array<{ entries: number }>) =>
          of.reduce((total, { entries }) => total + entries, 0);
        expect([sum(days), sum(types), sum(agents)]).toEqual([
          items.length,
          items.length,
          items.filter(({ agentRef }) => agentRef).length,
        ]);
        expect(days.reduce((total, { denied }) => total + denied, 0)).toBe(
          items.filter(({ outcome }) => outcome === 'denied').length,
        );
      }
      expect(
        (await audit.list(undefined, {}, { limit: 1_000 })).items,
      ).toHaveLength(size);
    };
    await write(0, 120);
    await expectExact(120);
    // Two processes that count at once count each entry once.
    await Promise.all([counts.catchUp([1]), other.counts.catchUp([1])]);
    await expectExact(120);
    await write(120, 200);
    await expectExact(200);
    await other.counts.catchUp([1]);
    await expectExact(200);
    const [{ rows }] = await knex('audit_counts').count({ rows: '*' });
    expect(Number(rows)).toBeLessThan(61);

    // What is counted needs no entry, and stays counted without.
    await knex('audit_entries').delete();
    const { days } = await audit.stats(undefined, { allowed: mine });
    expect(days[0].entries).toBeGreaterThan(50);
  });

  it('erases a person for good, and every proof still holds', async () => {
    const { knex, audit, subjects, trees } = await open();
    const personal = { 'user:default/dana': { email: 'dana@example.com' } };
    await audit.record(
      [
        record({ id: 'a', personal }),
        record({
          id: 'b',
          personRef: 'user:default/elin',
          // A ref without its namespace, and one in another person's words.
          reason: 'For User:Dana.',
          personal: { 'user:default/elin': { reason: 'user:dana asked me' } },
        }),
      ],
      'plugin:x',
    );
    expect((await audit.get(undefined, 'b', {})).entry).toMatchObject({
      reason: 'For user:default/dana.',
      personal: {
        'user:default/elin': { reason: 'user:default/dana asked me' },
      },
    });
    const tree = (await trees.find('default'))!;
    const subject = (await subjects.find(tree, ['user:default/dana'])).get(
      'user:default/dana',
    )!;
    const head = (await audit.get(undefined, 'a', {})).proof.head;

    for (const named of ['Dana asked for it.', 'asked by (dana)']) {
      await expect(
        audit.erase({ personRef: 'user:default/dana', reason: named }, officer),
      ).rejects.toThrow('without the name');
    }
    const reason = 'user:default/dana asked for it (GDPR article 17).';
    expect(
      await audit.erase({ personRef: 'user:default/Dana', reason }, officer),
    ).toEqual({ entries: 2 });
    expect(
      await audit.erase({ personRef: 'user:default/dana', reason }, officer),
    ).toEqual({ entries: 0 });
    expect(
      JSON.stringify((await audit.get(undefined, 'b', {})).entry),
    ).not.toMatch(/dana/i);

    const { entry } = await audit.get(undefined, 'a', {});
    expect(entry).toMatchObject({ personRef: subject, erased: [subject] });
    expect(entry.personal).toBeUndefined();
    const lines = await exportLines(audit);
    expect(verify(lines, await trees.keys(), [head])).toMatchObject({
      intact: true,
      erased: 2,
      compared: 1,
    });
    expect(lines.join('')).not.toMatch(/dana/);
    expect(lines.join('')).not.toContain('dana@example.com');
    for (const table of [
      'audit_subjects',
      'audit_entries',
      'audit_holds',
      'audit_counts',
    ]) {
      expect(JSON.stringify(await knex(table))).not.toContain('dana');
    }
    const row = await knex('audit_subjects').where({ subject }).first();
    expect(row).toBeUndefined();

    // Who comes back is somebody new.
    await audit.record([record({ id: 'c' })], 'plugin:x');
    const back = (await audit.get(undefined, 'c', {})).entry;
    expect(back.personRef).toBe('user:default/dana');
    expect(
      (await audit.list(undefined, { personRef: 'user:default/dana' }, page))
        .items,
    ).toHaveLength(1);
  });

  it('forgets an erased person on every replica', async () => {
    const { knex, audit } = await open();
    const other = await openLog(knex);
    await other.audit.record([record({ id: 'a' })], 'plugin:x');
    await audit.erase(
      { personRef: 'user:default/dana', reason: 'Asked.' },
      officer,
    );
    await other.audit.record([record({ id: 'b' })], 'plugin:x');
    const [a, b] = await Promise.all(
      ['a', 'b'].map(
        async each => (await audit.get(undefined, each, {})).entry,
      ),
    );
    expect(a.erased).toHaveLength(1);
    expect(b.erased).toBeUndefined();
  });

  it('deletes what is over, but not what is held, and proofs hold', async () => {
    const { audit, retention, trees } = await open();
    await audit.record(
      [
        record({ id: 'old' }),
        record({ id: 'held', runId: 'run-held' }),
        record({ id: 'long', type: 'credential' }),
        record({ id: 'own', retention: 'extended' }),
        ...Array.from({ length: 20 }, () => record()),
      ],
      'plugin:x',
    );
    const hold = await audit.createHold(
      { reason: 'Case 7', runId: 'run-held' },
      officer,
    );
    expect(hold).toMatchObject({
      runId: 'run-held',
      createdBy: 'user:default/olga',
    });
    const kept = { standard: 184 * DAY, extended: 2_192 * DAY };
    const signal = new AbortController().signal;

    await retention.clean(kept, signal, Date.now() + 100 * DAY);
    expect((await audit.list(undefined, {}, page)).items).toHaveLength(25);
    await retention.clean(kept, signal, Date.now() + 200 * DAY);
    const left = async () =>
      (await audit.list(undefined, {}, page)).items
        .map(({ id: each, action }) => (each.length < 6 ? each : action))
        .reverse();
    expect(await left()).toEqual([
      'held',
      'long',
      'own',
      'audit.hold.create',
      'audit.retention.drop',
    ]);
    const keys = await trees.keys();
    const lines = await exportLines(audit);
    expect(verify(lines, keys, await trees.heads(1, 0, 100))).toMatchObject({
      intact: true,
      dropped: 21,
    });
    // Who deletes without the log is found.
    const long = lines.findIndex(line => line.includes('"id":"long"'));
    expect(verify(lines.toSpliced(long, 1), keys).problems).toContainEqual(
      expect.objectContaining({ kind: 'missing', seq: 2 }),
    );

    await audit.releaseHold(hold.id, 'Closed', officer);
    await retention.clean(kept, signal, Date.now() + 3_000 * DAY);
    expect(await left()).toEqual([
      'audit.hold.create',
      'audit.retention.drop',
      'audit.export',
      'audit.hold.release',
      'audit.retention.drop',
      'audit.retention.drop',
    ]);
    expect(verify(await exportLines(audit), keys)).toMatchObject({
      intact: true,
      dropped: 24,
    });
  });

  it('forgets whom nothing names any more, on every replica', async () => {
    const { knex, audit, entries, retention, subjects, trees } = await open();
    const other = await openLog(knex);
    await other.audit.record([record({ id: 'a' })], 'plugin:x');
    await audit.createHold(
      { reason: 'Case 7', personRef: 'user:default/held' },
      officer,
    );
    const kept = { standard: DAY, extended: DAY };
    const { signal } = new AbortController();
    const append = jest.spyOn(entries, 'append');
    await retention.clean(kept, signal);
    // Nobody waits for the log while there is nothing to delete.
    expect(append).not.toHaveBeenCalled();
    await retention.clean(kept, signal, Date.now() + 2 * DAY);
    const tree = (await trees.find('default'))!;
    const named = ['dana', 'held', 'olga'].map(name => `user:default/${name}`);
    expect([...(await subjects.find(tree, named)).keys()].sort()).toEqual(
      named.slice(1),
    );
    await other.audit.record([record({ id: 'b' })], 'plugin:x');
    const { entry } = await audit.get(undefined, 'b', {});
    expect(entry).toMatchObject({ personRef: 'user:default/dana' });
    expect(entry.erased).toBeUndefined();
  });

  it('erases nobody on whom a hold is', async () => {
    const { audit } = await open();
    await audit.record([record()], 'plugin:x');
    const erase = () =>
      audit.erase(
        { personRef: 'user:default/dana', reason: 'Asked.' },
        officer,
      );
    for (const over of [
      { personRef: 'user:default/dana' },
      { runId: 'run-1' },
      { agentRef: 'agent:default/desk' },
      {},
    ]) {
      const hold = await audit.createHold(
        { reason: 'Case 7', ...over },
        officer,
      );
      await expect(erase()).rejects.toThrow('legal hold');
      await audit.releaseHold(hold.id, 'Closed', officer);
    }
    const { items } = await audit.listHolds(undefined, { limit: 10 });
    expect(items.map(hold => hold.personRef).filter(Boolean)).toEqual([
      'user:default/dana',
    ]);
    expect(await erase()).toMatchObject({ entries: 2 });
  });

  it('reads with older secrets what they have written', async () => {
    const { knex, audit } = await open();
    await audit.record([record({ id: 'a' })], 'plugin:x');
    const fresh = Buffer.alloc(32, 2);
    const rotated = await openLog(knex, { secrets: [fresh, SECRET] });
    await rotated.audit.record([record({ id: 'b' })], 'plugin:x');
    expect((await rotated.audit.get(undefined, 'a', {})).entry.personRef).toBe(
      'user:default/dana',
    );
    expect(
      (
        await rotated.audit.list(
          undefined,
          { personRef: 'user:default/dana' },
          page,
        )
      ).items,
    ).toHaveLength(2);
    const keys = await rotated.trees.keys();
    expect(keys.keys).toHaveLength(2);
    expect(verify(await exportLines(rotated.audit), keys)).toMatchObject({
      intact: true,
    });
    const lost = await openLog(knex, { secrets: [fresh] });
    await expect(lost.audit.get(undefined, 'a', {})).rejects.toThrow(
      'governance.audit.secrets',
    );
  });

  it('takes what is no whole text of those who do something with the log', async () => {
    const { audit } = await open();
    await audit.createHold({ reason: 'Case \ud800' }, officer);
    const { items } = await audit.list(undefined, {}, page);
    expect(items).toMatchObject([{ reason: 'Case \ufffd' }]);
  });

  it('takes texts that are full of persons', async () => {
    const { audit } = await open();
    const many = Array.from({ length: 60 }, (_, i) => `user:a/${i}`).join(' ');
    await audit.record(
      [record({ id: 'a', resource: many, reason: `\n${many}\t` })],
      'plugin:x',
    );
    const { entry, text } = await audit.get(undefined, 'a', {});
    expect(text).not.toContain('user:');
    expect(entry).toMatchObject({ resource: many, reason: `\n${many}\t` });
  });

  it('keeps tenants apart', async () => {
    const { audit } = await open();
    const receipts = await audit.record(
      [
        record({ tenant: 'a' }),
        record({ tenant: 'b' }),
        record({ tenant: 'a' }),
      ],
      'plugin:x',
    );
    expect(receipts.map(({ seq }) => seq)).toEqual([0, 0, 1]);
    expect((await audit.list('a', {}, page)).items).toHaveLength(2);
    expect((await audit.list('none', {}, page)).items).toEqual([]);
  });
});
