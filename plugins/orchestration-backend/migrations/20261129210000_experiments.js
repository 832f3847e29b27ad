// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .string('experiment_id', 36)
      .comment('The experiment on live traffic that it took part in');
    table.text('experiment').comment('Its arm, step and unit, JSON');
  });
  await knex.raw(
    'create index orchestration_runs_experiment_idx on orchestration_runs (experiment_id, finished_at, id) where experiment_id is not null',
  );
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop index orchestration_runs_experiment_idx');
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  for (const column of ['experiment', 'experiment_id']) {
    await knex.raw('alter table ?? drop column ??', [
      'orchestration_runs',
      column,
    ]);
  }
};
