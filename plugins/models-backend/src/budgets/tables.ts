// The tables of budgets; their columns are told in the migration.
export const BUDGETS = 'model_budgets';
export const BUDGET_WINDOWS = 'model_budget_windows';
export const HOLDS = 'model_budget_holds';
export const CHANGES = 'model_budget_changes';
export const INSTANCES = 'model_gateway_instances';
