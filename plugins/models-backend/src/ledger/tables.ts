/** One row per attempt to call a model; its columns are told in the migration. */
export const CALLS = 'model_calls';
