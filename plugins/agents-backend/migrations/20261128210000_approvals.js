// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('agent_approvals', table => {
    table.comment('Requests that people decide, and what became of them');
    table.string('id', 36).primary();
    table
      .string('request_key', 300)
      .notNullable()
      .comment('The same for each try of the same request');
    table.string('kind', 16).notNullable();
    table.string('status', 16).notNullable();
    table.string('requested_by', 255).notNullable();
    table.string('agent_ref', 255);
    table.string('person_ref', 255);
    table.string('tool_ref', 255);
    table.string('run_id', 255);
    table.string('digest', 80).notNullable().comment('Of what is asked now');
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').notNullable();
    table.bigInteger('closed_at').comment('When it was decided or was over');
    table.string('grant_jti', 36);
    table.bigInteger('grant_expires_at');
    table.bigInteger('redeemed_at');
    table.integer('revision').notNullable().comment('Grows with each change');
    table
      .text('details')
      .notNullable()
      .comment('JSON: what is asked of whom, decisions and messages');
    table.unique(['request_key'], { indexName: 'agent_approvals_key_uniq' });
    table.index(['created_at', 'id'], 'agent_approvals_created_idx');
    table.index(['status', 'created_at', 'id'], 'agent_approvals_status_idx');
    table.index(['status', 'expires_at'], 'agent_approvals_expiry_idx');
    table.index(
      ['agent_ref', 'tool_ref', 'created_at', 'id'],
      'agent_approvals_agent_idx',
    );
    table.index(['run_id'], 'agent_approvals_run_idx');
    table.index(['closed_at'], 'agent_approvals_closed_idx');
  });

  await knex.schema.createTable('agent_approval_parties', table => {
    table.comment('Whom a request concerns, and how');
    table.string('approval_id', 36).notNullable();
    table.string('ref', 255).notNullable();
    table
      .string('role', 16)
      .notNullable()
      .comment('asked, concerned, excluded or decider');
    table.primary(['approval_id', 'ref', 'role']);
    table.index(['ref', 'role', 'approval_id'], 'agent_approval_parties_idx');
  });

  await knex.schema.createTable('agent_approval_deputies', table => {
    table.comment('Who decides in whose place');
    table.string('person_ref', 255).primary();
    table.string('deputy_ref', 255).notNullable();
    table.bigInteger('until').notNullable();
    table.index(['until'], 'agent_approval_deputies_until_idx');
  });

  await knex.schema.createTable('agent_approval_breaks', table => {
    table.comment('Calls that somebody let pass alone; the number is a quota');
    table.string('approval_id', 36).primary();
    table.string('quarter', 8).notNullable();
    table.integer('number').notNullable();
    table.unique(['quarter', 'number'], {
      indexName: 'agent_approval_breaks_uniq',
    });
  });

  await knex.schema.createTable('agent_approval_keys', table => {
    table.comment('Public keys of grants; the private ones are never written');
    table.string('kid', 64).primary();
    table.text('jwk').notNullable();
    table.bigInteger('expires_at').notNullable();
    table.index(['expires_at'], 'agent_approval_keys_expiry_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('agent_approval_keys');
  await knex.schema.dropTable('agent_approval_breaks');
  await knex.schema.dropTable('agent_approval_deputies');
  await knex.schema.dropTable('agent_approval_parties');
  await knex.schema.dropTable('agent_approvals');
};
