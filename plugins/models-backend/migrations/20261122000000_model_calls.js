// @ts-check

/**
 * The ledger is narrow, because it grows with every call: names stand in a table
 * of their own and rows point at them.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_call_names', table => {
    table.comment('Names that ledger rows point at: models, agents, owners, …');
    table.increments('id');
    table.string('name', 300).notNullable().unique();
  });
  await knex.schema.createTable('model_calls', table => {
    table.comment('One row per attempt to call a model; money in nano-USD');
    table.string('id', 24).primary();
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
    table.string('status', 12).notNullable();
    table.integer('duration_ms');
    table.integer('ttfb_ms');
    table.integer('provider_id').notNullable();
    table.integer('model_id').notNullable();
    table.integer('route_id');
    table.integer('error_id');
    table.integer('agent_id');
    table.integer('owner_id');
    table.integer('system_id');
    table.integer('domain_id');
    table.integer('user_id');
    table.string('run_id', 64);
    table.integer('step');
    table.integer('input_uncached').notNullable().defaultTo(0);
    table.integer('cache_read').notNullable().defaultTo(0);
    table.integer('cache_write').notNullable().defaultTo(0);
    table.integer('output_text').notNullable().defaultTo(0);
    table.integer('reasoning').notNullable().defaultTo(0);
    table.bigInteger('cost_nano_usd').notNullable().defaultTo(0);
    table.integer('price_version_id');
    table.boolean('estimated').notNullable().defaultTo(false);

    table.index(['created_at', 'id'], 'model_calls_created_idx');
    for (const column of [
      'model',
      'route',
      'agent',
      'owner',
      'system',
      'domain',
      'user',
    ]) {
      table.index([`${column}_id`, 'created_at'], `model_calls_${column}_idx`);
    }
    table.index(['run_id', 'created_at'], 'model_calls_run_idx');
    table.index(['status', 'created_at'], 'model_calls_status_idx', {
      predicate: knex.whereRaw("status = 'started'"),
    });
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_calls');
  await knex.schema.dropTable('model_call_names');
};
