// The tables of keys; their columns are told in the migration.
export const KEYS = 'model_keys';
export const SECRETS = 'model_key_secrets';
export const KEY_CHANGES = 'model_key_changes';
export const KEY_VERSION = 'model_key_version';
