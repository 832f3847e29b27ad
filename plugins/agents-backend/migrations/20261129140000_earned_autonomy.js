// @ts-check

/** Requests that are read at once. */
const BATCH = 200;

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('agent_approvals', table => {
    table
      .boolean('was_changed')
      .notNullable()
      .defaultTo(false)
      .comment('Whether people changed the call that was asked for');
    table.index(
      ['agent_ref', 'kind', 'closed_at'],
      'agent_approvals_evidence_idx',
    );
  });
  let after = '';
  for (;;) {
    const rows = await knex('agent_approvals')
      .where('id', '>', after)
      .andWhere('kind', 'tool-call')
      .orderBy('id')
      .limit(BATCH)
      .select('id', 'details');
    const changed = rows
      .filter(({ details }) => JSON.parse(details).editedBy)
      .map(({ id }) => id);
    await knex('agent_approvals')
      .whereIn('id', changed)
      .update({ was_changed: true });
    if (rows.length < BATCH) {
      break;
    }
    after = rows[rows.length - 1].id;
  }

  await knex.schema.createTable('agent_earned_autonomy', table => {
    table.comment('Tools that agents may call without asking, and why');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('origin', 1024).comment('Where the agent came from then');
    table.string('tool_ref', 255).notNullable();
    table.string('risk_tier', 16).notNullable().comment('Of the tool, then');
    table.string('autonomy', 16).notNullable().comment('Of the agent, then');
    table
      .integer('asked_per_mille')
      .notNullable()
      .comment('Share of the calls about which people are asked still');
    table.string('approval_id', 36).notNullable();
    table.text('basis').notNullable().comment('JSON: the evidence');
    table.bigInteger('created_at').notNullable();
    table.bigInteger('ended_at');
    table.string('ended_by', 255);
    table.text('end_reason');
    table.index(['agent_ref', 'created_at', 'id'], 'agent_earned_agent_idx');
    table.index(['ended_at', 'created_at', 'id'], 'agent_earned_active_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('agent_earned_autonomy');
  await knex.schema.alterTable('agent_approvals', table => {
    table.dropIndex([], 'agent_approvals_evidence_idx');
    table.dropColumn('was_changed');
  });
};
