/** One row per attempt to call a model; its columns are told in the migration. */
export const CALLS = 'model_calls';
/** What calls that have ended came to on each day; triggers of `CALLS` keep it. */
export const DAILY_COSTS = 'model_daily_costs';
/** The calls that are under way; triggers of `CALLS` keep it. */
export const OPEN_CALLS = 'model_open_calls';
