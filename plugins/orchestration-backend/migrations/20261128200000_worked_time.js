// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .bigInteger('worked_ms')
      .notNullable()
      .defaultTo(0)
      .comment('How long processes have worked on it, without what it waited');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  await knex.raw('alter table orchestration_runs drop column worked_ms');
};
