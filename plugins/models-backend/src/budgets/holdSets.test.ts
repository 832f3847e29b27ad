import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { databases } from '../__testUtils__/startModels';
import { verifyBudgets } from './verifyBudgets';

jest.setTimeout(60_000);

const directory = resolvePackagePath(
  '@agentportal/plugin-models-backend',
  'migrations',
);
const BUDGET = {
  scope_type: 'organisation',
  scope_ref: 'default',
  limit_nano_usd: 1_000,
  thresholds: '[]',
  source: 'api',
  created_at: 1,
  created_by: 'test',
  updated_at: 1,
  updated_by: 'test',
};

describe.each(databases.eachSupportedId())(
  'the migration to hold sets on %s',
  databaseId => {
    it('keeps every hold, there and back', async () => {
      const knex = await databases.init(databaseId);
      const upTo = async (migration: string) => {
        for (let done = ''; done !== migration; ) {
          const [, [name]] = await knex.migrate.up({ directory });
          done = name;
        }
      };
      await upTo('20261124000000_model_service.js');
      await knex('model_budgets').insert([
        { ...BUDGET, id: 'a', period: 'total' },
        { ...BUDGET, id: 'b', period: 'day' },
      ]);
      await knex('model_budget_windows').insert([
        {
          budget_id: 'a',
          window_start: 0,
          spent_nano_usd: 9,
          held_nano_usd: 8,
        },
        {
          budget_id: 'b',
          window_start: 5,
          spent_nano_usd: 2,
          held_nano_usd: 8,
        },
      ]);
      await knex('model_calls').insert(
        [
          { id: 'open', status: 'started', cost: 0, held: 8 },
          { id: 'paid', status: 'succeeded', cost: 2, held: 6 },
          { id: 'lost', status: 'unreconciled', cost: 7, held: 7 },
          { id: 'free', status: 'succeeded', cost: 3, held: null },
        ].map(({ cost, held, ...call }) => ({
          ...call,
          created_at: 1,
          provider_id: 1,
          model_id: 1,
          cost_nano_usd: cost,
          held_nano_usd: held,
        })),
      );
      const hold = (attempt: string, budget: string, state: string) => ({
        attempt_id: attempt,
        budget_id: budget,
        window_start: budget === 'a' ? 0 : 5,
        held_nano_usd: { open: 8, paid: 6, lost: 7 }[attempt],
        state,
        expires_at: 77,
        instance_id: 'one',
      });
      const holds = [
        hold('lost', 'a', 'unreconciled'),
        hold('open', 'a', 'held'),
        hold('open', 'b', 'held'),
        hold('paid', 'a', 'settled'),
        hold('paid', 'b', 'settled'),
      ];
      await knex('model_budget_holds').insert(holds);

      await upTo('20261125000001_hold_sets.js');
      expect(await verifyBudgets(knex)).toMatchObject({
        ok: true,
        windows: 2,
        drift: [],
        holds: { held: 1, unreconciled: 1 },
      });
      expect(await knex('model_hold_sets')).toHaveLength(2);

      await knex.migrate.down({ directory });
      const kept = await knex('model_budget_holds').orderBy([
        'attempt_id',
        'budget_id',
      ]);
      expect(
        kept.map(row => ({
          ...row,
          window_start: Number(row.window_start),
          held_nano_usd: Number(row.held_nano_usd),
          expires_at: Number(row.expires_at),
        })),
      ).toEqual(holds);
      await knex.migrate.latest({ directory });
      expect(await verifyBudgets(knex)).toMatchObject({ ok: true });
    });
  },
);
