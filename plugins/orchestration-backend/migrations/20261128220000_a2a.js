// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('orchestration_a2a_keys', table => {
    table.comment('Keys that sign the cards of agents; the oldest is used');
    table.string('kid', 64).primary();
    table.string('key_id', 64).comment('What it is sealed with, if it is');
    table.binary('jwk').notNullable();
    table.bigInteger('created_at').notNullable();
  });

  await knex.schema.createTable('orchestration_a2a_peers', table => {
    table.comment('What was seen first of agents that live elsewhere');
    table.string('agent_ref', 255).primary();
    table.text('card_url').notNullable();
    table.string('key_thumbprint', 64);
    table.bigInteger('price_nano_usd').notNullable();
    table.string('card_digest', 64).notNullable();
    table.bigInteger('seen_at').notNullable();
  });

  await knex.schema.createTable('orchestration_a2a_push', table => {
    table.comment('Who is told when a run changes');
    table
      .string('run_id', 64)
      .notNullable()
      .references('id')
      .inTable('orchestration_runs')
      .onDelete('CASCADE');
    table.string('id', 64).notNullable();
    table.text('url').notNullable();
    table.string('version', 8).notNullable();
    table.string('key_id', 64).comment('What the secrets are sealed with');
    table.binary('secrets').notNullable();
    table.string('told_status', 16).notNullable();
    table.integer('attempts').notNullable().defaultTo(0);
    table
      .bigInteger('next_at')
      .comment('When it is looked at next; null when there is no more to tell');
    table.primary(['run_id', 'id']);
    table.index(['next_at'], 'orchestration_a2a_push_next_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('orchestration_a2a_push');
  await knex.schema.dropTable('orchestration_a2a_peers');
  await knex.schema.dropTable('orchestration_a2a_keys');
};
