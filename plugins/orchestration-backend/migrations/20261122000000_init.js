// @ts-check

/**
 * Times are milliseconds since the epoch, UTC; money is integer nano-USD.
 * Both are big integers: their values pass 32 bits.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('orchestration_threads', table => {
    table.comment('Conversations of a person with an agent');
    table.string('id', 64).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('created_by', 255).notNullable();
    table.string('title', 255).notNullable();
    table.integer('run_count').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('updated_at').notNullable();
    table.index(
      ['created_by', 'updated_at', 'id'],
      'orchestration_threads_latest_idx',
    );
    table.index(
      ['created_by', 'agent_ref', 'updated_at', 'id'],
      'orchestration_threads_agent_idx',
    );
  });

  await knex.schema.createTable('orchestration_runs', table => {
    table.comment('One row for each execution of an agent');
    table.string('id', 64).primary();
    table.string('thread_id', 64).notNullable();
    table.string('agent_ref', 255).notNullable();
    table.string('agent_title', 255);
    table
      .string('agent_owner_ref', 255)
      .comment('Owner when the run began; decides who may read it');
    table
      .text('agent_snapshot')
      .notNullable()
      .comment('The agent as it was when the run began, JSON');
    table.string('status', 16).notNullable();
    table.string('created_by', 255).notNullable();
    table.string('on_behalf_of', 255);
    table.text('input_message').notNullable();
    table.text('output_message');
    table.string('error_name', 64);
    table.text('error_message');
    table.bigInteger('input_tokens').notNullable().defaultTo(0);
    table.bigInteger('output_tokens').notNullable().defaultTo(0);
    table.bigInteger('cost_nano_usd').notNullable().defaultTo(0);
    table.integer('model_calls').notNullable().defaultTo(0);
    table.integer('tool_calls').notNullable().defaultTo(0);
    table.bigInteger('created_at').notNullable();
    table.bigInteger('started_at');
    table.bigInteger('finished_at');
    table.bigInteger('duration_ms');
    table.boolean('cancel_requested').notNullable().defaultTo(false);
    table.string('lease_owner', 64);
    table.bigInteger('lease_expires_at');
    table
      .integer('fence')
      .notNullable()
      .defaultTo(0)
      .comment(
        'Grows with each claim; a worker with an old number writes nothing',
      );
    table.index(['created_at', 'id'], 'orchestration_runs_newest_idx');
    table.index(
      ['agent_ref', 'created_at', 'id'],
      'orchestration_runs_agent_idx',
    );
    table.index(
      ['created_by', 'created_at', 'id'],
      'orchestration_runs_creator_idx',
    );
    table.index(['on_behalf_of', 'created_at'], 'orchestration_runs_obo_idx');
    table.index(
      ['agent_owner_ref', 'created_at'],
      'orchestration_runs_owner_idx',
    );
    table.index(
      ['thread_id', 'created_at', 'id'],
      'orchestration_runs_thread_idx',
    );
    table.index(['status', 'lease_expires_at'], 'orchestration_runs_lease_idx');
  });

  await knex.schema.createTable('orchestration_steps', table => {
    table.comment('Model calls, tool calls and hand-offs of runs');
    table.string('id', 64).primary();
    table
      .string('run_id', 64)
      .notNullable()
      .references('id')
      .inTable('orchestration_runs')
      .onDelete('CASCADE');
    table.integer('step_index').notNullable();
    table.string('status', 16).notNullable();
    table
      .text('step')
      .notNullable()
      .comment('The step as the API gives it, JSON');
    table.unique(['run_id', 'step_index'], {
      indexName: 'orchestration_steps_run_idx',
    });
  });

  await knex.schema.createTable('orchestration_events', table => {
    table.comment('AG-UI events of runs, as they are streamed');
    table
      .string('run_id', 64)
      .notNullable()
      .references('id')
      .inTable('orchestration_runs')
      .onDelete('CASCADE');
    table.integer('seq').notNullable();
    table.text('event').notNullable();
    table.primary(['run_id', 'seq']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('orchestration_events');
  await knex.schema.dropTable('orchestration_steps');
  await knex.schema.dropTable('orchestration_runs');
  await knex.schema.dropTable('orchestration_threads');
};
