// @ts-check

const COLUMNS = ['waiting_for', 'waiting_since', 'waited_ms', 'interrupts'];

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .text('waiting_for')
      .comment('What it waits for, or waited for last, JSON as in the API');
    table
      .bigInteger('waiting_since')
      .comment('Milliseconds; null unless it waits for people');
    table
      .bigInteger('waited_ms')
      .notNullable()
      .defaultTo(0)
      .comment('How long it has waited for people, all times but the current');
    table
      .integer('interrupts')
      .notNullable()
      .defaultTo(0)
      .comment('How often it was let go to wait; each takes one more claim');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  for (const column of COLUMNS) {
    await knex.raw('alter table orchestration_runs drop column ??', [column]);
  }
};
