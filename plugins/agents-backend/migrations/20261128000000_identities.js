// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('agent_states', table => {
    table.comment('What is known of an agent besides its entity');
    table.string('agent_ref', 255).primary();
    table.bigInteger('suspended_at');
    table.string('suspended_by', 255);
    table.text('suspend_reason');
    table.bigInteger('resumed_at');
    table.string('resumed_by', 255);
    table.text('resume_reason');
    table
      .string('identity', 16)
      .comment('In whose name it acted first: own or person');
    table.bigInteger('identity_at');
    table
      .string('seen_sponsor_ref', 255)
      .comment('The sponsor who was last seen in the catalog');
    table.bigInteger('orphaned_since');
    table.string('orphaned_sponsor_ref', 255).comment('Who has left');
    table.bigInteger('grace_over_told_at');
    table
      .string('sponsor_ref', 255)
      .comment('Who accepted, instead of the sponsor that the entity names');
    table
      .string('sponsor_instead_of', 255)
      .comment('Whom the entity named then; another name there takes over');
    table.bigInteger('sponsor_accepted_at');
    table.index(['orphaned_since'], 'agent_states_orphaned_idx');
  });

  await knex.schema.createTable('agent_credentials', table => {
    table.comment('What programs prove with that they are an agent');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('kind', 16).notNullable().comment('secret or public-key');
    table.string('title', 255).notNullable();
    table.string('secret_hash', 64).comment('SHA-256 of 256 random bits, hex');
    table.string('ending', 8).comment('The last characters of the secret');
    table.text('public_jwk');
    table.string('key_id', 255);
    table
      .text('origin')
      .comment('Where the agent came from then; one from elsewhere has it not');
    table.string('created_by', 255).notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').notNullable();
    table.bigInteger('last_used_at');
    table.string('replaces_id', 36);
    table.string('replaced_by_id', 36);
    table.bigInteger('reminded_at');
    table.bigInteger('revoked_at');
    table.string('revoked_by', 255);
    table.index(
      ['agent_ref', 'created_at', 'id'],
      'agent_credentials_agent_idx',
    );
    table.index(['expires_at'], 'agent_credentials_expiry_idx');
    table.index(['revoked_at'], 'agent_credentials_revoked_idx');
  });

  await knex.schema.createTable('agent_delegations', table => {
    table.comment('That an agent works on a task, for whom, and how far');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('person_ref', 255);
    table.string('started_by', 255).notNullable();
    table.string('task_id', 255).notNullable();
    table.string('session_id', 255);
    table.string('parent_id', 36);
    table.string('root_id', 36).notNullable();
    table.integer('depth').notNullable();
    table
      .text('ancestors')
      .notNullable()
      .comment('Those before it, the root first: JSON of [id, agentRef][]');
    table.string('credential_id', 36);
    table.string('autonomy', 16);
    table.text('tools').comment('JSON; null for all tools of the agent');
    table.string('data_class', 16);
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').notNullable();
    table.bigInteger('ended_at');
    table.text('end_reason');
    table.index(
      ['agent_ref', 'ended_at', 'created_at', 'id'],
      'agent_delegations_agent_idx',
    );
    table.index(['root_id'], 'agent_delegations_root_idx');
    table.index(['credential_id'], 'agent_delegations_credential_idx');
    table.index(['expires_at'], 'agent_delegations_expiry_idx');
    table.index(['ended_at'], 'agent_delegations_ended_idx');
  });

  await knex.schema.createTable('agent_grants', table => {
    table.comment('Permissions of Backstage plugins that agents were given');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('permission', 255).notNullable();
    table
      .text('origin')
      .comment('Where the agent came from then; one from elsewhere has it not');
    table.string('granted_by', 255).notNullable();
    table.text('reason').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at');
    table.bigInteger('revoked_at');
    table.string('revoked_by', 255);
    table.index(['agent_ref', 'created_at', 'id'], 'agent_grants_agent_idx');
    table.index(['revoked_at'], 'agent_grants_revoked_idx');
    table.index(['expires_at'], 'agent_grants_expiry_idx');
  });

  await knex.schema.createTable('agent_revoked_tokens', table => {
    table.comment('Tokens that are not good any more, until they expire');
    table.string('jti', 255).primary();
    table.bigInteger('expires_at').notNullable();
    table.index(['expires_at'], 'agent_revoked_tokens_expiry_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('agent_revoked_tokens');
  await knex.schema.dropTable('agent_grants');
  await knex.schema.dropTable('agent_delegations');
  await knex.schema.dropTable('agent_credentials');
  await knex.schema.dropTable('agent_states');
};
