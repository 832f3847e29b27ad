// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_agent_versions', table => {
    table.comment(
      'What agents in production were when they were looked at last',
    );
    table.string('agent_ref', 255).primary();
    table.string('digest', 80).comment('In force; empty before there was any');
    table
      .string('pending_digest', 80)
      .comment('Of a file that does not hold yet');
    table.bigInteger('pending_since');
    table.bigInteger('seen_at').notNullable();
    table.index(['seen_at'], 'evals_agent_versions_seen_idx');
  });
  await knex.schema.createTable('evals_agent_changes', table => {
    table.comment('Changes of agents in production that came into force');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('owner_ref', 255).notNullable();
    table.string('digest', 80).notNullable();
    table.string('before_digest', 80);
    table
      .bigInteger('proposed_at')
      .comment('When the file said it first; empty where it held at once');
    table.bigInteger('in_force_at').notNullable();
    table.bigInteger('failed_at');
    table.string('failure', 16);
    table.bigInteger('repaired_at');
    table.index(['in_force_at'], 'evals_agent_changes_at_idx');
    table.index(['agent_ref', 'in_force_at'], 'evals_agent_changes_agent_idx');
    table.index(['owner_ref', 'in_force_at'], 'evals_agent_changes_owner_idx');
    table.index(['failure', 'repaired_at'], 'evals_agent_changes_broken_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_agent_changes');
  await knex.schema.dropTable('evals_agent_versions');
};
