// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_watched', table => {
    table.comment('What is usual for an agent, and what speaks for a change');
    table.string('agent_ref', 255).notNullable();
    table.string('kind', 16).notNullable();
    table.text('series').notNullable().comment('JSON');
    table.bigInteger('seen_at').notNullable();
    table.primary(['agent_ref', 'kind']);
    table.index(['seen_at'], 'evals_watched_seen_idx');
  });
  await knex.schema.createTable('evals_alarms', table => {
    table.comment('What became worse about agents');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('kind', 16).notNullable();
    table.string('status', 16).notNullable();
    table.bigInteger('at').notNullable();
    table.bigInteger('since').notNullable();
    table.bigInteger('changed_at');
    table.text('sentence').notNullable();
    table.double('usual').notNullable();
    table.integer('happened').notNullable();
    table.integer('runs').notNullable();
    table.text('run_ids').notNullable().comment('JSON');
    table.boolean('told').notNullable().comment('Whether the owner was');
    table.string('answered_by', 255);
    table.bigInteger('answered_at');
    table.index(['at', 'id'], 'evals_alarms_newest_idx');
    table.index(['agent_ref', 'at', 'id'], 'evals_alarms_agent_idx');
    table.index(['status', 'at', 'id'], 'evals_alarms_status_idx');
    table.index(['told'], 'evals_alarms_told_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_alarms');
  await knex.schema.dropTable('evals_watched');
  await knex('evals_positions').where({ id: 'alarms' }).delete();
};
