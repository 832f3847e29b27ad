// @ts-check

const TABLES = ['orchestration_a2a_push', 'orchestration_trigger_secrets'];

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  for (const name of TABLES) {
    await knex.schema.alterTable(name, table => {
      table.string('created_by', 255).comment('Whoever made it');
    });
  }
  // Whoever began a task is who asked to be told of it.
  await knex('orchestration_a2a_push').update({
    created_by: knex('orchestration_runs')
      .select('created_by')
      .where('id', knex.ref('orchestration_a2a_push.run_id')),
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  for (const name of TABLES) {
    await knex.raw('alter table ?? drop column created_by', [name]);
  }
};
