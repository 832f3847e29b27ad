// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('agent_publications', table => {
    table.comment('What agents in production may be at most, as approved last');
    table.string('agent_ref', 255).primary();
    table.text('origin').notNullable().comment('Where its file was then');
    table.string('owner_ref', 255).comment('Who owned it then');
    table.string('digest', 80).notNullable();
    table.text('definition').notNullable().comment('JSON');
    table
      .string('approval_id', 36)
      .comment('Empty where the matrix asked nobody');
    table.bigInteger('published_at').notNullable();
    table.bigInteger('seen_at').notNullable().comment('To a day');
    table.index(['seen_at'], 'agent_publications_seen_idx');
  });
  await knex.schema.createTable('agent_publication_watch', table => {
    table.comment('Since when people are asked about publications; one row');
    table.integer('id').primary();
    table.bigInteger('begun_at').notNullable();
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('agent_publication_watch');
  await knex.schema.dropTable('agent_publications');
};
