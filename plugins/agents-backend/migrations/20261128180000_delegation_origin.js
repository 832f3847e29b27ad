// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('agent_delegations', table => {
    table
      .text('origin')
      .comment(
        'Where the agent came from then, empty if nobody said; null in rows of before, which hold as they are',
      );
  });
  await knex.schema.alterTable('agent_states', table => {
    table
      .text('sponsor_origin')
      .comment('The same, of the agent for which somebody accepted to answer');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('agent_states', table => {
    table.dropColumn('sponsor_origin');
  });
  await knex.schema.alterTable('agent_delegations', table => {
    table.dropColumn('origin');
  });
};
