// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('servers', table => {
    table.comment('MCP servers of the catalog and what the last visit found');
    table.string('ref').primary().comment('Entity ref of the API');
    table.string('name').notNullable().comment('First part of tool names');
    table.text('title').notNullable();
    table.text('url').notNullable();
    table.string('owner_ref').notNullable();
    table.string('status').notNullable().comment('up, down or unknown');
    table.string('era').nullable().comment('MCP revision negotiated');
    table.bigInteger('last_seen_at').nullable().comment('Last answer, ms UTC');
    table.bigInteger('down_since').nullable().comment('ms UTC');
    table.text('error').nullable().comment('In a sentence');
    table.index(['name'], 'servers_name_idx');
  });

  await knex.schema.createTable('tools', table => {
    table.comment('Tools as their servers last described them');
    table.string('name').primary().comment('Name at the gateway');
    table.string('ref').notNullable().comment('Entity ref of the Tool');
    table
      .string('server_ref')
      .notNullable()
      .references('ref')
      .inTable('servers')
      .onDelete('CASCADE');
    table.text('tool_name').notNullable().comment('Name at its server');
    table.text('title').notNullable();
    table.text('description').notNullable();
    table.text('input_schema').notNullable().comment('JSON');
    table.text('output_schema').nullable().comment('JSON');
    table.text('annotations').nullable().comment('JSON');
    table.string('owner_ref').notNullable();
    table.string('risk_tier').notNullable();
    table.string('status').notNullable().comment('available or stale');
    table.string('hash', 64).notNullable().comment('Of what the server said');
    table.bigInteger('last_seen_at').notNullable().comment('ms UTC');
    table.bigInteger('last_changed_at').notNullable().comment('ms UTC');
    table.unique(['ref'], { indexName: 'tools_ref_uniq' });
    table.index(['server_ref'], 'tools_server_ref_idx');
  });

  await knex.schema.createTable('tool_calls', table => {
    table.comment('One row per call through the gateway; never its payload');
    table.string('id').primary();
    table.string('tool_name').notNullable();
    table.string('tool_ref').notNullable();
    table.string('server_ref').notNullable();
    table.string('risk_tier').notNullable();
    table.string('caller_ref').notNullable().comment('Person or service');
    table.string('agent_ref').nullable();
    table.string('run_id').nullable();
    table.integer('step').nullable();
    table.bigInteger('started_at').notNullable().comment('ms UTC');
    table.integer('duration_ms').notNullable();
    table.boolean('ok').notNullable();
    table.string('error_code').nullable();
    table.integer('request_bytes').notNullable();
    table.integer('response_bytes').notNullable();
    table.index(['tool_name', 'started_at'], 'tool_calls_tool_idx');
    table.index(['run_id'], 'tool_calls_run_idx');
    table.index(['agent_ref', 'started_at'], 'tool_calls_agent_idx');
    table.index(['started_at'], 'tool_calls_started_idx');
  });

  await knex.schema.createTable('registry_state', table => {
    table.comment('One row: lets every process see that the registry changed');
    table.integer('id').primary();
    table.bigInteger('revision').notNullable();
    table.bigInteger('reconciled_at').nullable().comment('ms UTC');
  });
  await knex('registry_state').insert({ id: 1, revision: 0 });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('registry_state');
  await knex.schema.dropTable('tool_calls');
  await knex.schema.dropTable('tools');
  await knex.schema.dropTable('servers');
};
