// @ts-check

/**
 * Triggers of agents, what they started or did not start, and what started each run.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('orchestration_triggers', table => {
    table.comment(
      'Triggers as the catalog declares them, and where they stand',
    );
    table.string('id', 64).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('name', 63).notNullable();
    table.string('owner_ref', 255).notNullable();
    table.string('type', 16).notNullable();
    table.text('declared').notNullable().comment('As in spec.triggers, JSON');
    table
      .string('state', 16)
      .notNullable()
      .comment('active, paused by a person, off after failures, or gone');
    table.text('state_reason');
    table.string('state_by', 255);
    table.bigInteger('state_at').notNullable();
    table.bigInteger('next_at').comment('When it is due, or looks next');
    table.text('cursor').comment('How far it has looked, JSON');
    table.integer('failures').notNullable().defaultTo(0).comment('In a row');
    table.string('lease_owner', 64);
    table.bigInteger('lease_expires_at').notNullable().defaultTo(0);
    table.bigInteger('created_at').notNullable();
    table.unique(['agent_ref', 'name'], {
      indexName: 'orchestration_triggers_name_idx',
    });
    table.index(['state', 'next_at'], 'orchestration_triggers_due_idx');
    table.index(['created_at', 'id'], 'orchestration_triggers_newest_idx');
  });

  /** @param {import('knex').Knex.CreateTableBuilder} table */
  const ofTrigger = table =>
    table
      .string('trigger_id', 64)
      .notNullable()
      .references('id')
      .inTable('orchestration_triggers')
      .onDelete('CASCADE');

  await knex.schema.createTable('orchestration_firings', table => {
    table.comment('Each time that a trigger had a reason to start a run');
    table.string('id', 64).primary().comment('Also that of the run');
    ofTrigger(table);
    table
      .string('dedupe_key', 255)
      .notNullable()
      .comment('The same for the same reason, which starts one run only');
    table.string('status', 16).notNullable();
    table.text('reason').comment('Why no run was started, or why it failed');
    table.text('message').comment('What the agent is to be told; until it is');
    table.text('cause').notNullable().comment('What happened, JSON');
    table.bigInteger('at').notNullable();
    table.unique(['trigger_id', 'dedupe_key'], {
      indexName: 'orchestration_firings_once_idx',
    });
    table.index(['status', 'at'], 'orchestration_firings_status_idx');
    table.index(['trigger_id', 'at', 'id'], 'orchestration_firings_newest_idx');
    table.index(['at'], 'orchestration_firings_age_idx');
  });

  await knex.schema.createTable('orchestration_trigger_secrets', table => {
    table.comment(
      'Secrets of webhooks; of one that was replaced until it ends',
    );
    table.string('id', 64).primary();
    ofTrigger(table).index('orchestration_trigger_secrets_of_idx');
    table.string('key_id', 64).comment('The key that it is sealed with');
    table.binary('data').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('expires_at').comment('None for the current one');
  });

  await knex.schema.createTable('orchestration_trigger_entities', table => {
    table.comment('What triggers on the catalog saw when they looked last');
    ofTrigger(table);
    table.string('entity_ref', 255).notNullable();
    table.string('digest', 64).notNullable();
    table.primary(['trigger_id', 'entity_ref']);
  });

  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .string('started_by_type', 16)
      .comment('person, service, agent, or the type of a trigger');
    table.string('trigger_id', 64);
    table
      .text('started_by')
      .comment('More of what a trigger was fired by, JSON');
    table.index(
      ['trigger_id', 'created_at', 'id'],
      'orchestration_runs_trigger_idx',
    );
    table.index(
      ['started_by_type', 'created_at', 'id'],
      'orchestration_runs_started_by_idx',
    );
  });
  await knex('orchestration_runs').update({
    started_by_type: knex.raw(
      `CASE WHEN created_by LIKE 'user:%' THEN 'person' ELSE 'service' END`,
    ),
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table.dropIndex([], 'orchestration_runs_trigger_idx');
    table.dropIndex([], 'orchestration_runs_started_by_idx');
  });
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  for (const column of ['started_by', 'trigger_id', 'started_by_type']) {
    await knex.raw('alter table orchestration_runs drop column ??', [column]);
  }
  await knex.schema.dropTable('orchestration_trigger_entities');
  await knex.schema.dropTable('orchestration_trigger_secrets');
  await knex.schema.dropTable('orchestration_firings');
  await knex.schema.dropTable('orchestration_triggers');
};
