// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('tool_calls', table => {
    table.string('session_id').nullable().comment('Conversation of the run');
    table.index(['session_id'], 'tool_calls_session_idx');
  });

  await knex.schema.createTable('tool_call_amounts', table => {
    table.comment('Numbers of calls that rules sum, in ten-thousandths');
    table
      .string('call_id')
      .notNullable()
      .references('id')
      .inTable('tool_calls')
      .onDelete('CASCADE');
    table.string('path').notNullable().comment('Of the argument');
    table.bigInteger('units').notNullable();
    table.primary(['call_id', 'path']);
  });

  await knex.schema.createTable('tool_call_arguments', table => {
    table.comment(
      'What agents called with, masked, so that rules can be tried',
    );
    table
      .string('call_id')
      .primary()
      .references('id')
      .inTable('tool_calls')
      .onDelete('CASCADE');
    table.text('arguments').notNullable().comment('JSON');
    table.bigInteger('recorded_at').notNullable().comment('ms UTC');
    table.index(['recorded_at'], 'tool_call_arguments_recorded_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('tool_call_arguments');
  await knex.schema.dropTable('tool_call_amounts');
  await knex.schema.alterTable('tool_calls', table => {
    table.dropIndex(['session_id'], 'tool_calls_session_idx');
    table.dropColumn('session_id');
  });
};
