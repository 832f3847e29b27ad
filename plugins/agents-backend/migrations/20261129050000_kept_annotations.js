// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('agent_publications', table => {
    table
      .text('annotations')
      .comment('JSON: those that bound it; empty until its file was met');
    table.index(['agent_ref'], 'agent_publications_annotated_idx', {
      predicate: knex.whereRaw("annotations <> '{}'"),
    });
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('agent_publications', table => {
    table.dropIndex([], 'agent_publications_annotated_idx');
    table.dropColumn('annotations');
  });
};
