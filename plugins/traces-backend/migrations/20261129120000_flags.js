// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('traces', table => {
    table
      .bigInteger('flagged_ms')
      .nullable()
      .comment('When somebody flagged it, milliseconds UTC');
    table.string('flagged_by').nullable();
    table.string('flag_reason', 500).nullable();
    table.index(['flagged_ms'], 'traces_flagged_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('traces', table => {
    table.dropIndex(['flagged_ms'], 'traces_flagged_idx');
    table.dropColumns('flagged_ms', 'flagged_by', 'flag_reason');
  });
};
