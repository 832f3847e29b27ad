import type { EvalCase } from '@agentportal/plugin-evals-common';
import { databases, openStore } from '../__testUtils__/openStore';
import { DataSetStore, toDataSet } from '../dataSets/DataSetStore';
import { JudgeSpentError } from '../judging/Judge';
import { JudgeBudget } from '../judging/JudgeBudget';
import { EvaluationStore } from './EvaluationStore';
import { Questions } from './Questions';
import type { EvaluationRow, ResultRow } from './rows';

jest.setTimeout(60_000);

const row = (
  id: string,
  values: Partial<EvaluationRow> = {},
): EvaluationRow => ({
  id,
  agent_ref: 'agent:default/desk',
  data_set_id: 'set',
  data_set_title: 'Set',
  data_set_version: 1,
  label: 'In force',
  candidate: null,
  baseline_id: null,
  subject_digest: 'sha256:a',
  status: 'running',
  reason: null,
  trials: 1,
  cases: 3,
  passed: 0,
  failed: 0,
  incomplete: 0,
  waiting: 3,
  without_judge: 0,
  latency_p50: null,
  latency_p95: null,
  cost_nano_usd: null,
  evaluators: '[]',
  created_at: 1_000,
  created_by: 'user:default/dana',
  completed_at: null,
  ...values,
});

describe.each(databases.eachSupportedId())('on %s', databaseId => {
  it('asks each question by one holder, and counts what it came to once', async () => {
    const knex = await openStore(databaseId);
    const store = new EvaluationStore(knex);
    await store.create([
      {
        row: row('e1'),
        questions: ['a', 'b', 'c'].map((case_id, position) => ({
          case_id,
          position,
          trial: 1,
          case_digest: case_id,
          ask: case_id,
        })),
      },
    ]);
    const [one, two] = ['one', 'two'].map(
      holder => new Questions({ knex, holder }),
    );
    const taken = await Promise.all([
      one.take(),
      two.take(),
      one.take(),
      two.take(),
      one.take(),
    ]);
    const held = taken.filter(each => each !== undefined);
    // A race that was lost is looked at again; no question has two holders.
    for (let more = await one.take(); more; more = await one.take()) {
      held.push(more);
    }
    expect(held.map(({ case_id }) => case_id).sort()).toEqual(['a', 'b', 'c']);
    expect(await two.take()).toBeUndefined();

    // The process of the first stops without a word: the second goes on with what it held.
    await knex<ResultRow>('evals_results')
      .where({ holder: 'one' })
      .update({ until: 0 });
    const lost = held.filter(({ holder }) => holder === 'one');
    const found: ResultRow[] = [];
    for (let next = await two.take(); next; next = await two.take()) {
      found.push(next);
    }
    expect(found.map(({ case_id }) => case_id).sort()).toEqual(
      lost.map(({ case_id }) => case_id).sort(),
    );
    // When the first comes back, what it writes changes nothing.
    expect(await one.finish(lost[0], { outcome: 'failed' })).toBe(false);
    for (const each of held) {
      const isLost = found.some(({ case_id }) => case_id === each.case_id);
      const owner = isLost || each.holder === 'two' ? two : one;
      expect(await owner.finish(each, { outcome: 'passed' })).toBe(true);
    }
    expect(await store.count('e1')).toEqual({ waiting: 0 });
    expect(await store.get('e1')).toMatchObject({ passed: 3, waiting: 0 });
    expect(await store.end('e1', { status: 'completed' })).toBe(true);
    expect(await store.end('e1', { status: 'completed' })).toBe(false);
  });

  it('counts all evaluations of the same, lets a judge call so often, and sees what gets stuck', async () => {
    const knex = await openStore(databaseId);
    const store = new EvaluationStore(knex);
    const evaluate = async (
      id: string,
      outcomes: Array<ResultRow['outcome']>,
      values: Partial<EvaluationRow> = {},
    ) => {
      const questions = outcomes.map((_, position) => ({
        case_id: `case-${position}`,
        position,
        trial: 1,
        case_digest: 'x',
        ask: 'x',
      }));
      await store.create([
        { row: row(id, { status: 'completed', ...values }), questions },
      ]);
      for (const [position, outcome] of outcomes.entries()) {
        await knex('evals_results')
          .where({ evaluation_id: id, position })
          .update({ outcome });
      }
    };
    const of = {
      agent_ref: 'agent:default/desk',
      subject_digest: 'sha256:a',
      data_set_id: 'set',
      data_set_version: 1,
    };
    expect(await store.pooled(of, 0)).toEqual({ right: 0, evaluations: 0 });
    await evaluate('lucky', ['passed', 'passed', 'passed']);
    expect(await store.pooled(of, 0)).toEqual({ right: 3, evaluations: 1 });
    // One that somebody stopped when it went badly counts as far as it came.
    await evaluate('stopped', ['failed', 'failed', null], {
      status: 'cancelled',
    });
    await evaluate('away', ['passed', 'incomplete', 'incomplete']);
    await evaluate('other', ['failed', 'failed', 'failed'], {
      subject_digest: 'sha256:b',
    });
    const { right, evaluations } = await store.pooled(of, 0);
    expect(evaluations).toBe(3);
    expect(right).toBeCloseTo(2 / 3 + 1 / 2 + 1);
    expect(await store.pooled(of, 2_000)).toMatchObject({ evaluations: 0 });

    await evaluate('judged', [null], {
      status: 'running',
      judge_max_calls: 2,
      judge_max_nano_usd: 1_000,
    });
    const budget = new JudgeBudget(knex);
    const [few, cheap] = [budget.of('judged'), budget.of('cheap')];
    const taken = await Promise.allSettled([1, 2, 3].map(() => few.take()));
    expect(taken.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    await expect(few.take()).rejects.toThrow('made the 2 calls');
    await evaluate('cheap', [null], {
      status: 'running',
      judge_max_nano_usd: 1_000,
    });
    await cheap.take();
    await cheap.spend(1_200);
    await expect(cheap.take()).rejects.toThrow(JudgeSpentError);
    await expect(cheap.take()).rejects.toThrow('used the 0.000001 USD');

    expect(await store.isStuck('cheap', 60_000)).toBe(false);
    await knex('evals_evaluations')
      .where({ id: 'cheap' })
      .decrement('stuck_since', 61_000);
    expect(await store.isStuck('cheap', 60_000)).toBe(true);
    await store.goesOn('cheap');
    expect(await store.isStuck('cheap', 60_000)).toBe(false);
  });

  it('asks the questions of all evaluations in turn, however many one has', async () => {
    const knex = await openStore(databaseId);
    const of = (id: string, count: number, created_at: number) => ({
      row: row(id, { created_at }),
      questions: Array.from({ length: count }, (_, position) => ({
        case_id: `${id}-${position}`,
        position,
        trial: 1,
        case_digest: 'x',
        ask: '?',
      })),
    });
    await new EvaluationStore(knex).create([
      of('huge', 300, 1_000),
      of('small', 2, 2_000),
    ]);
    const questions = new Questions({ knex, holder: 'one' });
    const asked: string[] = [];
    while (asked.length < 4) {
      asked.push((await questions.take())!.case_id);
    }
    expect(asked).toEqual(['huge-0', 'small-0', 'huge-1', 'small-1']);
  });

  it('keeps every version of a data set for the price of what changed', async () => {
    const knex = await openStore(databaseId);
    const store = new DataSetStore(knex);
    const item = (id: string, fact = 'yes'): EvalCase => ({
      id,
      ask: `${id}?`,
      facts: [fact],
    });
    const id = await store.create({ agent_ref: 'agent:default/x', title: 'X' });
    await store.write(id, () => [item('a'), item('b'), item('c')], 'ada');
    await store.write(id, before => before.with(1, item('b', 'no')));
    await store.write(id, before => before);
    await store.write(id, before => [...before, { ...item('d'), ask: 'A? ' }]);
    const idsOf = async (version: number) =>
      (await store.casesOf(id, version)).map(
        each => `${each.item.id} ${each.item.facts}`,
      );
    expect(await idsOf(1)).toEqual(['a yes', 'b yes', 'c yes']);
    expect(await idsOf(2)).toEqual(['a yes', 'b no', 'c yes']);
    expect(await idsOf(3)).toEqual(['a yes', 'b no', 'c yes', 'd yes']);
    expect(await knex('evals_cases').where({ data_set_id: id })).toHaveLength(
      5,
    );
    expect(toDataSet(await store.get(id))).toMatchObject({
      version: 3,
      caseCount: 4,
      problems: [
        { caseId: 'd', message: 'Asks the same as "a", so it counts twice.' },
      ],
    });
    const page = await store.listCases(id, 3, { limit: 3 });
    expect(page.items).toHaveLength(3);
    expect(
      (await store.listCases(id, 3, { limit: 3, cursor: page.nextCursor }))
        .items,
    ).toMatchObject([{ id: 'd' }]);

    // An evaluation used the first; the second nobody needs.
    await new EvaluationStore(knex).create([
      { row: row('e2', { data_set_id: id }), questions: [] },
    ]);
    await store.clean(Date.now() + 1);
    expect(await idsOf(1)).toEqual(['a yes', 'b yes', 'c yes']);
    expect(await idsOf(3)).toHaveLength(4);
    await expect(store.requireVersion(id, 2)).rejects.toThrow(/no version 2/);
    await Promise.all(
      [1, 2].map(() => store.write(id, () => [item('z')])),
    ).then(
      () => expect(1).toBe(0),
      error => expect(error.message).toMatch(/Somebody else/),
    );
  });

  it('forgets old evaluations but the newest of an agent', async () => {
    const knex = await openStore(databaseId);
    const store = new EvaluationStore(knex);
    await store.create(
      [1_000, 2_000, 3_000].map(created_at => ({
        row: row(`old-${created_at}`, {
          created_at,
          data_set_id: 'kept',
          status: 'completed',
        }),
        questions: [],
      })),
    );
    expect(await store.clean(5_000)).toBe(2);
    const { rows } = await store.list({ dataSetId: 'kept' }, { limit: 10 });
    expect(rows.map(({ id }) => id)).toEqual(['old-3000']);

    // Whoever began them may be erased; what goes on still acts for them.
    await store.create([{ row: row('goes-on'), questions: [] }]);
    expect(await store.erase('user:default/dana')).toBe(1);
    expect((await store.get('old-3000')).created_by).toBe(
      'user:default/erased',
    );
    expect((await store.get('goes-on')).created_by).toBe('user:default/dana');
  });
});
