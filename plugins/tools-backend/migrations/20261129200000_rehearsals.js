// @ts-check

/**
 * Calls that were only rehearsed, apart from those that were made.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('tool_calls', table => {
    table
      .boolean('rehearsed')
      .notNullable()
      .defaultTo(false)
      .comment('Whether the tool was left alone, because it was a rehearsal');
  });
  await knex.schema.alterTable('tool_call_days', table => {
    table
      .integer('rehearsed')
      .notNullable()
      .defaultTo(0)
      .comment('Calls that were only rehearsed, beside the others');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the tables anew, and what hangs on them would go.
  for (const table of ['tool_call_days', 'tool_calls']) {
    await knex.raw('alter table ?? drop column ??', [table, 'rehearsed']);
  }
};
