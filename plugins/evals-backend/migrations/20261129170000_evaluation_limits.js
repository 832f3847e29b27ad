// @ts-check

const COLUMNS = [
  'judge_calls',
  'judge_nano_usd',
  'judge_max_calls',
  'judge_max_nano_usd',
  'stuck_since',
];

/**
 * What a judge may use of an evaluation, and since when none of its questions could be asked.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('evals_evaluations', table => {
    table.integer('judge_calls').notNullable().defaultTo(0);
    table.bigInteger('judge_nano_usd').notNullable().defaultTo(0);
    table.integer('judge_max_calls').notNullable().defaultTo(1000);
    table.bigInteger('judge_max_nano_usd').notNullable().defaultTo(5000000000);
    table
      .bigInteger('stuck_since')
      .comment('In milliseconds by the clock of the database');
    table.index(
      ['agent_ref', 'subject_digest', 'data_set_id', 'data_set_version'],
      'evals_evaluations_subject_idx',
    );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('evals_evaluations', table => {
    table.dropIndex([], 'evals_evaluations_subject_idx');
  });
  for (const column of COLUMNS) {
    // On SQLite the schema builder would make the table anew.
    await knex.raw('alter table ?? drop column ??', [
      'evals_evaluations',
      column,
    ]);
  }
};
