// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('trace_rollups', table => {
    table.dropIndex(['seconds', 'kind', 'bucket'], 'trace_rollups_bucket_idx');
    // They are read a few at a time, each page after the last row of the one before.
    table.index(['seconds', 'kind', 'bucket', 'id'], 'trace_rollups_order_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('trace_rollups', table => {
    table.dropIndex(
      ['seconds', 'kind', 'bucket', 'id'],
      'trace_rollups_order_idx',
    );
    table.index(['seconds', 'kind', 'bucket'], 'trace_rollups_bucket_idx');
  });
};
