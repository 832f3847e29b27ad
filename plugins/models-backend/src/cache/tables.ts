/** One row per answer; its columns are told in the migration. */
export const ENTRIES = 'model_cache_entries';
/** What was purged lately. */
export const PURGES = 'model_cache_purges';
