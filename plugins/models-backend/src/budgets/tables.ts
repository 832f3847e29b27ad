// The tables of budgets; their columns are told in the migrations.
export const BUDGETS = 'model_budgets';
export const BUDGET_WINDOWS = 'model_budget_windows';
export const HOLD_SETS = 'model_hold_sets';
export const HOLD_SET_COUNTERS = 'model_hold_set_counters';
export const RATE_COUNTERS = 'model_rate_counters';
export const ANNOUNCEMENTS = 'model_budget_announcements';
export const CHANGES = 'model_budget_changes';
export const INSTANCES = 'model_gateway_instances';
