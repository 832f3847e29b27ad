// @ts-check

/**
 * Keys of programs, and how fast scopes may call models. Of a secret only its
 * digest is kept.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_keys', table => {
    table.comment('Keys with which programs call models');
    table.string('id', 16).primary();
    table.string('title', 200).notNullable();
    table.string('owner_ref', 300).notNullable();
    table.string('system_ref', 300);
    table
      .text('models')
      .notNullable()
      .comment('JSON: gateway ids and names of routes, or * for all');
    table
      .string('classification', 16)
      .comment('public, internal, confidential, restricted');
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
    table.string('created_by', 300).notNullable();
    table.bigInteger('updated_at').notNullable().comment('ms, UTC');
    table.bigInteger('expires_at').comment('ms, UTC; null is never');
    table.bigInteger('revoked_at').comment('ms, UTC');
    table.string('revoked_by', 300);
    table.index(['owner_ref', 'id'], 'model_keys_owner_idx');
  });

  await knex.schema.createTable('model_key_secrets', table => {
    table.comment('The secrets of a key: more than one while it is rotated');
    table.increments('id');
    table.string('key_id', 16).notNullable();
    table.string('digest', 64).notNullable().comment('SHA-256, hexadecimal');
    table
      .string('ending', 4)
      .notNullable()
      .comment('Last characters, to tell secrets apart');
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
    table.bigInteger('ends_at').comment('ms, UTC; null is with its key');
    table.bigInteger('last_used_on').comment('Start of a day, ms, UTC');
    table.index(['key_id', 'id'], 'model_key_secrets_key_idx');
  });

  await knex.schema.createTable('model_key_changes', table => {
    table.comment('Who did what with which key, and when');
    table.increments('id');
    table.string('key_id', 16).notNullable();
    table.bigInteger('at').notNullable().comment('ms, UTC');
    table.string('by', 300).notNullable();
    table
      .string('action', 8)
      .notNullable()
      .comment('created, updated, rotated, revoked');
    table.text('details').comment('JSON');
    table.index(['key_id', 'id'], 'model_key_changes_key_idx');
  });

  await knex.schema.createTable('model_key_version', table => {
    table.comment(
      'One row that moves with every change of a key: what a process knows of keys is good while it stands still',
    );
    table.integer('id').primary();
    table.bigInteger('version').notNullable();
  });
  await knex('model_key_version').insert({ id: 1, version: 0 });

  await knex.schema.createTable('model_rate_limits', table => {
    table.comment('How fast a scope may call models');
    table.string('id', 24).primary();
    table.string('scope_type', 16).notNullable();
    table.string('scope_ref', 300).notNullable();
    table
      .string('measure', 8)
      .notNullable()
      .comment('requests, tokens, parallel');
    table.bigInteger('per_minute').comment('Of requests and tokens');
    table.bigInteger('burst').comment('Of requests and tokens');
    table.bigInteger('at_once').comment('Of parallel');
    table.string('source', 8).notNullable().comment('api, config');
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
    table.string('created_by', 300).notNullable();
    table.bigInteger('updated_at').notNullable().comment('ms, UTC');
    table.string('updated_by', 300).notNullable();
    table.unique(['scope_type', 'scope_ref', 'measure', 'source'], {
      indexName: 'model_rate_limits_scope_idx',
    });
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_rate_limits');
  await knex.schema.dropTable('model_key_version');
  await knex.schema.dropTable('model_key_changes');
  await knex.schema.dropTable('model_key_secrets');
  await knex.schema.dropTable('model_keys');
};
