// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_scorecards', table => {
    table.comment('How agents stand, as computed last, and what that rests on');
    table.string('agent_ref', 255).primary();
    table.string('title', 255).notNullable();
    table.string('owner_ref', 255).notNullable();
    table.string('risk_tier', 16);
    table.string('level', 16).notNullable();
    table
      .string('lower_level', 16)
      .comment('What it fell to once; twice counts');
    table.bigInteger('since').notNullable();
    table.bigInteger('computed_at').notNullable();
    table.integer('passed').notNullable();
    table.integer('total').notNullable();
    table
      .integer('strength')
      .notNullable()
      .comment('Level and share of passed checks; the weakest come first');
    table.text('checks').notNullable().comment('JSON');
    table.text('kpis').notNullable().comment('JSON');
    table.text('evidence').notNullable().comment('JSON');
    table.index(['strength', 'agent_ref'], 'evals_scorecards_weakest_idx');
    table.index(
      ['owner_ref', 'strength', 'agent_ref'],
      'evals_scorecards_owner_idx',
    );
    table.index(
      ['level', 'strength', 'agent_ref'],
      'evals_scorecards_level_idx',
    );
    table.index(['computed_at'], 'evals_scorecards_computed_idx');
  });
  await knex.schema.createTable('evals_level_changes', table => {
    table.comment('The levels that agents had, and why they changed');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.bigInteger('at').notNullable();
    table.string('level', 16).notNullable();
    table.string('before', 16);
    table.text('reasons').notNullable().comment('JSON');
    table.index(['agent_ref', 'at', 'id'], 'evals_level_changes_agent_idx');
    table.index(['at'], 'evals_level_changes_at_idx');
  });
  await knex.schema.createTable('evals_agent_decisions', table => {
    table.comment('What periodic reviews of agents came to');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('decision', 16).notNullable();
    table.text('note').comment('Without secrets');
    table.string('decided_by', 255).notNullable();
    table.bigInteger('at').notNullable();
    table.bigInteger('next_at').notNullable();
    table.index(['agent_ref', 'at'], 'evals_agent_decisions_agent_idx');
    table.index(['decided_by'], 'evals_agent_decisions_person_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_agent_decisions');
  await knex.schema.dropTable('evals_level_changes');
  await knex.schema.dropTable('evals_scorecards');
};
