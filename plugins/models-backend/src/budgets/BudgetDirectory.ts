import type { Budget } from './budget';
import type { ScopeDirectory } from './ScopeDirectory';

/**
 * The budgets in memory. A new one is known everywhere after seconds; limits are
 * read with every hold, so a changed limit holds at once.
 */
export type BudgetDirectory = ScopeDirectory<Budget>;
