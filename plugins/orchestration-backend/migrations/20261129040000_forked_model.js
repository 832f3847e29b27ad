// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .string('forked_model', 255)
      .comment('What all its agents use as their model; none, each its own');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  await knex.raw('alter table orchestration_runs drop column ??', [
    'forked_model',
  ]);
};
