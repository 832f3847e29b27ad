// @ts-check

/**
 * Budgets and what they hold. The window is a part of the key of a counter, so
 * nothing is ever reset: a new window is a new row.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_budgets', table => {
    table.comment('What may be spent on models; money in nano-USD');
    table.string('id', 24).primary();
    table.string('scope_type', 16).notNullable();
    table.string('scope_ref', 300).notNullable();
    table.string('period', 8).notNullable().comment('hour, day, month, total');
    table.bigInteger('limit_nano_usd').notNullable();
    table.string('thresholds', 200).notNullable().comment('JSON');
    table.string('source', 8).notNullable().comment('api, config, catalog');
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
    table.string('created_by', 300).notNullable();
    table.bigInteger('updated_at').notNullable().comment('ms, UTC');
    table.string('updated_by', 300).notNullable();
    table.bigInteger('deleted_at').comment('ms, UTC');
  });
  // A budget that is gone does not stand in the way of a new one.
  await knex.raw(
    'create unique index model_budgets_scope_idx on model_budgets (scope_type, scope_ref, period, source) where deleted_at is null',
  );

  await knex.schema.createTable('model_budget_windows', table => {
    table.comment('One counter per budget and window');
    table.string('budget_id', 24).notNullable();
    table.bigInteger('window_start').notNullable().comment('ms, UTC');
    table.bigInteger('spent_nano_usd').notNullable().defaultTo(0);
    table.bigInteger('held_nano_usd').notNullable().defaultTo(0);
    table
      .bigInteger('carried_nano_usd')
      .notNullable()
      .defaultTo(0)
      .comment('Part of spent that the ledger had before the budget began');
    table
      .integer('announced')
      .notNullable()
      .defaultTo(0)
      .comment('Highest threshold that was announced, per mille');
    table.primary(['budget_id', 'window_start']);
  });

  await knex.schema.createTable('model_budget_holds', table => {
    table.comment('What an attempt holds on a budget until it is settled');
    table.string('attempt_id', 24).notNullable();
    table.string('budget_id', 24).notNullable();
    table.bigInteger('window_start').notNullable();
    table.bigInteger('held_nano_usd').notNullable();
    table
      .string('state', 12)
      .notNullable()
      .comment('held, settled, unreconciled');
    table.bigInteger('expires_at').notNullable().comment('ms, UTC');
    table.string('instance_id', 24).notNullable();
    table.primary(['attempt_id', 'budget_id']);
    table.index(
      ['budget_id', 'window_start', 'state'],
      'model_budget_holds_window_idx',
    );
    table.index(['expires_at'], 'model_budget_holds_open_idx', {
      predicate: knex.whereRaw("state = 'held'"),
    });
  });

  await knex.schema.createTable('model_budget_changes', table => {
    table.comment('Who changed which budget, when and how');
    table.increments('id');
    table.string('budget_id', 24).notNullable();
    table.bigInteger('at').notNullable().comment('ms, UTC');
    table.string('by', 300).notNullable();
    table
      .string('action', 8)
      .notNullable()
      .comment('created, updated, deleted');
    table.text('before').comment('JSON');
    table.text('after').comment('JSON');
    table.index(['budget_id', 'id'], 'model_budget_changes_budget_idx');
  });

  await knex.schema.createTable('model_gateway_instances', table => {
    table.comment('Processes that call models, to know whose holds are dead');
    table.string('id', 24).primary();
    table.string('host', 255).notNullable();
    table.integer('pid').notNullable();
    table.bigInteger('seen_at').notNullable().comment('ms, UTC');
  });

  await knex.schema.alterTable('model_calls', table => {
    table
      .bigInteger('held_nano_usd')
      .comment(
        'What was held on budgets for the attempt; null without budgets',
      );
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('model_calls', table => {
    table.dropColumn('held_nano_usd');
  });
  await knex.schema.dropTable('model_gateway_instances');
  await knex.schema.dropTable('model_budget_changes');
  await knex.schema.dropTable('model_budget_holds');
  await knex.schema.dropTable('model_budget_windows');
  await knex.schema.dropTable('model_budgets');
};
