// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .integer('progress_fence')
      .notNullable()
      .defaultTo(0)
      .comment('The claim under which a step ended last');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  await knex.raw('alter table orchestration_runs drop column progress_fence');
};
