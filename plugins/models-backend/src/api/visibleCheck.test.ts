import type { Budget } from '../budgets/budget';
import { visibleCheck } from './visibleCheck';

const budget = (id: string, ref: string) =>
  ({ id, scope: { type: 'owner', ref } } as Budget);

const drift = (budgetId: string) => ({
  budgetId,
  windowStart: 0,
  spentNanoUsd: 1,
  expectedSpentNanoUsd: 2,
  heldNanoUsd: 0,
  expectedHeldNanoUsd: 0,
});

const found = {
  ok: false,
  checkedAt: 0,
  windows: 3,
  drift: ['mine', 'theirs', 'deleted'].map(drift),
  overLimit: [{ budgetId: 'theirs', windowStart: 0 }],
  holds: { held: 0, unreconciled: 0 },
  rateDrift: [{ limitId: 'any', inUse: 1, expectedInUse: 0 }],
};

const budgets = [budget('mine', 'group:default/care'), budget('theirs', 'x')];

describe('the check of budgets', () => {
  it('tells owners of their own budgets only, but that something is wrong', async () => {
    const seen = await visibleCheck(
      found,
      budgets,
      async ({ scope }) => scope.ref === 'group:default/care',
    );
    expect(seen).toEqual({
      ...found,
      drift: [drift('mine')],
      overLimit: [],
      rateDrift: [],
    });
  });

  it('tells whoever may see all budgets everything', async () => {
    expect(await visibleCheck(found, budgets, async () => true)).toEqual(found);
  });
});
