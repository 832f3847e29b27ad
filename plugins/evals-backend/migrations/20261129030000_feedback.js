// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers; days are counted since then.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_feedback', table => {
    table.comment('What the person for whom a run worked said of its answer');
    table.string('id', 36).primary();
    table.string('run_id', 128).notNullable().unique();
    table.string('agent_ref', 255).notNullable();
    table.string('rating', 8).notNullable();
    table.text('comment').comment('Without secrets');
    table.string('given_by', 255).notNullable();
    table.bigInteger('at').notNullable();
    table.index(['at', 'id'], 'evals_feedback_newest_idx');
    table.index(['agent_ref', 'at', 'id'], 'evals_feedback_agent_idx');
    table.index(['given_by', 'at', 'id'], 'evals_feedback_person_idx');
  });
  await knex.schema.createTable('evals_feedback_days', table => {
    table.comment('Sums of feedback by UTC day; they name nobody');
    table.string('agent_ref', 255).notNullable();
    table.integer('day').notNullable();
    table.integer('up').notNullable().defaultTo(0);
    table.integer('down').notNullable().defaultTo(0);
    table.primary(['agent_ref', 'day']);
    table.index(['day'], 'evals_feedback_days_day_idx');
  });
  await knex.schema.createTable('evals_reviews', table => {
    table.comment(
      'Conversations that people look at; their text stays in runs',
    );
    table.string('id', 36).primary();
    table.string('run_id', 128).notNullable().unique();
    table.string('agent_ref', 255).notNullable();
    table.string('reason', 16).notNullable();
    table
      .boolean('sampled')
      .notNullable()
      .comment('Drawn at random, whatever else it was chosen for');
    table.string('status', 16).notNullable();
    table.bigInteger('created_at').notNullable();
    table.string('data_set_id', 128);
    table.string('case_id', 128);
    table.index(['status', 'created_at', 'id'], 'evals_reviews_status_idx');
    table.index(
      ['agent_ref', 'status', 'created_at', 'id'],
      'evals_reviews_agent_idx',
    );
    table.index(
      ['agent_ref', 'sampled', 'created_at'],
      'evals_reviews_sampled_idx',
    );
    table.index(['created_at'], 'evals_reviews_created_idx');
  });
  await knex.schema.createTable('evals_verdicts', table => {
    table.comment('What each reviewer says of a conversation');
    table
      .string('review_id', 36)
      .notNullable()
      .references('id')
      .inTable('evals_reviews')
      .onDelete('CASCADE');
    table.string('judged_by', 255).notNullable();
    table.string('verdict', 16).notNullable();
    table.string('failure', 32);
    table.text('note').comment('Without secrets');
    table.bigInteger('at').notNullable();
    table.primary(['review_id', 'judged_by']);
    table.index(['judged_by'], 'evals_verdicts_person_idx');
  });
  await knex.schema.createTable('evals_positions', table => {
    table.comment('How far jobs have read what others write down');
    table.string('id', 64).primary();
    table.bigInteger('at').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_positions');
  await knex.schema.dropTable('evals_verdicts');
  await knex.schema.dropTable('evals_reviews');
  await knex.schema.dropTable('evals_feedback_days');
  await knex.schema.dropTable('evals_feedback');
};
