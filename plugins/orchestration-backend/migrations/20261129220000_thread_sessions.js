// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_threads', table => {
    table
      .string('session_id', 64)
      .comment(
        'The conversation that it goes on in, after a run of that was repeated',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  await knex.raw('alter table ?? drop column ??', [
    'orchestration_threads',
    'session_id',
  ]);
};
