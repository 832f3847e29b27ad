import { databases, openStore } from '../../__testUtils__/openStore';
import { DataSetStore } from '../../dataSets/DataSetStore';
import { evaluationEvidence } from './evaluationEvidence';
import type { KnownAgent } from './Evidence';

jest.setTimeout(60_000);

const DESK = 'agent:default/desk';

describe.each(databases.eachSupportedId())('evaluations on %s', databaseId => {
  it('of easy questions that somebody wrote in the portal do not count where a file has others', async () => {
    const knex = await openStore(databaseId);
    const sets = new DataSetStore(knex);
    const cases = [{ id: 'a', ask: 'A?', facts: ['x'] }];
    const easy = await sets.create({ agent_ref: DESK, title: 'Easy' });
    await sets.write(easy, () => cases);
    const evaluated = (id: string, set: string, passed: number, at: number) =>
      knex('evals_evaluations').insert({
        ...{ id, agent_ref: DESK, data_set_id: set, data_set_title: '' },
        ...{ data_set_version: 1, label: '', subject_digest: '', trials: 1 },
        ...{ status: 'completed', cases: 40, passed, failed: 40 - passed },
        ...{ incomplete: 0, waiting: 0, without_judge: 0, evaluators: '[]' },
        ...{ created_at: at, completed_at: at, created_by: 'x' },
      });
    const now = Date.now();
    await evaluated('easy', easy, 40, now);
    const newest = async () => {
      const found = await evaluationEvidence({ knex }).read(
        [{ ref: DESK } as KnownAgent],
        now,
      );
      return found.get(DESK)?.evaluation?.newest?.id;
    };
    expect(await newest()).toBe('easy');

    const file = await sets.create({
      agent_ref: DESK,
      entity_ref: 'resource:default/questions',
      title: 'Questions',
    });
    await sets.write(file, () => cases);
    expect(await newest()).toBeUndefined();
    await evaluated('hard', file, 20, now - 1_000);
    expect(await newest()).toBe('hard');
  });
});
