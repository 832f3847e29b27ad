// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table.index(
      ['forked_from_run', 'created_at', 'id'],
      'orchestration_runs_forks_idx',
    );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop index if exists orchestration_runs_forks_idx');
};
