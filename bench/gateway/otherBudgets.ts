import { GatewayError, type GatewayLogger } from '@agentportal/model-gateway';
import type { BudgetScope } from '../../plugins/models-backend/src/budgets/budget';
import { BudgetedLedger } from '../../plugins/models-backend/src/budgets/BudgetedLedger';
import { BudgetStore } from '../../plugins/models-backend/src/budgets/BudgetStore';
import { HoldSets } from '../../plugins/models-backend/src/budgets/HoldSets';
import { Instance } from '../../plugins/models-backend/src/budgets/Instance';
import { ScopeDirectory } from '../../plugins/models-backend/src/budgets/ScopeDirectory';
import { BUDGETS } from '../../plugins/models-backend/src/budgets/tables';
import type { DatabaseCallLedger } from '../../plugins/models-backend/src/ledger/DatabaseCallLedger';

/** More than any bench spends, in nano-USD. */
const LIMIT = 1_000_000_000_000_000;

/** Budgets on the scopes of the bench's calls, among those of other callers' keys. */
export async function withBudgets(
  ledger: DatabaseCallLedger,
  logger: GatewayLogger,
  budgets: { scopes: BudgetScope[]; others: number },
): Promise<BudgetedLedger> {
  const { db, names } = ledger;
  const store = new BudgetStore({ db, names });
  for (const scope of budgets.scopes) {
    await store.create(
      { scope, window: 'month', limitNanoUsd: LIMIT, softThresholds: [0.8] },
      'config',
      'bench',
    );
  }
  const [pattern] = await db(BUDGETS).limit(1);
  await db.batchInsert(
    BUDGETS,
    Array.from({ length: budgets.others }, (_, i) => ({
      ...pattern,
      id: `other${i}`,
      scope_type: 'key',
      scope_ref: `key-${i}`,
    })),
    50,
  );
  const instance = await Instance.create(db);
  return new BudgetedLedger({
    ledger,
    sets: new HoldSets(db),
    instanceId: instance.id,
    budgets: new ScopeDirectory(
      () => store.list(),
      () => store.version(),
    ),
    refuse: async () => new GatewayError(402, 'budget_exceeded', 'No room.'),
    logger,
    holdForMs: 600_000,
    waitMs: 1_000,
  });
}
