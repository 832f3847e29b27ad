// @ts-check

/** Only sums were looked for by these, and whole days are summed up already. */
const COLUMNS = ['model', 'system', 'domain'];

/**
 * Every index costs each call when it begins and, on PostgreSQL, again when it
 * ends. Parts of days are found by the time alone.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('model_calls', table => {
    for (const column of COLUMNS) {
      table.dropIndex(
        [`${column}_id`, 'created_at'],
        `model_calls_${column}_idx`,
      );
    }
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('model_calls', table => {
    for (const column of COLUMNS) {
      table.index([`${column}_id`, 'created_at'], `model_calls_${column}_idx`);
    }
  });
};
