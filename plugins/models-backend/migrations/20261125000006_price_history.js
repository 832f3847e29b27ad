// @ts-check

/**
 * Which prices there were, so that the price version of a ledger row can be
 * explained after the price has changed; and the last good copies of imported
 * lists, so that a start without the network has them.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_price_versions', table => {
    table.comment('The prices of models, each version once');
    table.increments('id');
    table.string('model', 300).notNullable().comment('Gateway id');
    table.string('version', 100).notNullable();
    table.text('price').notNullable().comment('JSON, nano-USD');
    table.bigInteger('first_seen_at').notNullable().comment('ms, UTC');
    table
      .bigInteger('last_seen_at')
      .notNullable()
      .comment('When it began to hold last, or was replaced; ms, UTC');
    table.unique(['model', 'version'], {
      indexName: 'model_price_versions_version_idx',
    });
    table.index(
      ['model', 'last_seen_at', 'id'],
      'model_price_versions_newest_idx',
    );
  });
  await knex.schema.createTable('model_price_lists', table => {
    table.comment('The last good copy of each imported price list');
    table.string('source', 500).primary().comment('Its URL');
    table.bigInteger('fetched_at').notNullable().comment('ms, UTC');
    table.text('body').notNullable();
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_price_lists');
  await knex.schema.dropTable('model_price_versions');
};
