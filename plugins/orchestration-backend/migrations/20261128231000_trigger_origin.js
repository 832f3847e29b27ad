// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_triggers', table => {
    table
      .text('origin')
      .notNullable()
      .defaultTo('')
      .comment(
        'Where the agent came from; a secret is not for another of its name',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  await knex.raw('alter table orchestration_triggers drop column origin');
};
