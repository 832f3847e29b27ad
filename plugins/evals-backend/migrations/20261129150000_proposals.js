// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_proposals', table => {
    table.comment('Changes of agents that people propose because of failures');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('title', 200).notNullable();
    table.text('reason').comment('Without secrets');
    table
      .text('cause')
      .notNullable()
      .comment('JSON: which failures are behind it; their text stays there');
    table.text('candidate').notNullable().comment('JSON: what would differ');
    table.string('evaluation_id', 36);
    table.string('status', 16).notNullable().comment('open, adopted, dropped');
    table.bigInteger('created_at').notNullable();
    table.string('created_by', 255).notNullable();
    table.bigInteger('closed_at');
    table.string('closed_by', 255);
    table.text('note').comment('Without secrets');
    table.index(['created_at', 'id'], 'evals_proposals_newest_idx');
    table.index(['agent_ref', 'created_at', 'id'], 'evals_proposals_agent_idx');
    table.index(['created_by'], 'evals_proposals_creator_idx');
    table.index(['closed_by'], 'evals_proposals_closer_idx');
  });
  await knex.schema.createTable('evals_told_outcomes', table => {
    table.comment('Runs whose outcome the model service was told');
    table.string('run_id', 128).primary();
    table.bigInteger('told_at').notNullable();
    table.boolean('used').notNullable().comment('Whether routing learns of it');
    table.index(['told_at'], 'evals_told_outcomes_told_idx');
  });
  await knex.schema.alterTable('evals_evaluations', table => {
    table.index(['status', 'completed_at'], 'evals_evaluations_ended_idx');
  });
  await knex.schema.alterTable('evals_verdicts', table => {
    table.index(['at'], 'evals_verdicts_at_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('evals_verdicts', table => {
    table.dropIndex([], 'evals_verdicts_at_idx');
  });
  await knex.schema.alterTable('evals_evaluations', table => {
    table.dropIndex([], 'evals_evaluations_ended_idx');
  });
  await knex.schema.dropTable('evals_told_outcomes');
  await knex.schema.dropTable('evals_proposals');
};
