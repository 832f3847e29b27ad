// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .text('error_budget')
      .comment('The budget that had no room, JSON as in the API');
    table
      .integer('refused_calls')
      .comment('Tool calls that the portal refused; null while it is open');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  for (const column of ['refused_calls', 'error_budget']) {
    await knex.raw('alter table orchestration_runs drop column ??', [column]);
  }
};
