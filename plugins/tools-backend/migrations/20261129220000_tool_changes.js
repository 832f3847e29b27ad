// @ts-check

/**
 * What servers changed about their tools, and what people said of it.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('tool_changes', table => {
    table.comment('Changes of what servers say about their tools');
    table.string('id').primary();
    table.string('tool_ref').notNullable();
    table.string('tool_name').notNullable();
    table.string('server_ref').notNullable();
    table.string('hash').notNullable().comment('Of what the server says now');
    table.string('severity').notNullable();
    table
      .string('state')
      .notNullable()
      .comment('noted, held, released, blocked or withdrawn');
    table.text('details', 'longtext').notNullable().comment('JSON');
    table.bigInteger('seen_at').notNullable().comment('ms UTC');
    table.string('decided_by');
    table.bigInteger('decided_at').comment('ms UTC');
    table.text('reason');
    table.unique(['tool_ref', 'hash']);
    table.index(['seen_at', 'id'], 'tool_changes_seen_idx');
    table.index(['tool_ref', 'seen_at', 'id'], 'tool_changes_tool_idx');
    table.index(['server_ref', 'seen_at', 'id'], 'tool_changes_server_idx');
    table.index(['state', 'seen_at', 'id'], 'tool_changes_state_idx');
  });
  await knex.schema.alterTable('tools', table => {
    table
      .string('held_change')
      .comment('The change that nobody has released; it cannot be called then');
    table
      .text('said')
      .comment('What its server calls it, where a Tool entity goes before it');
  });
  await knex.schema.alterTable('gone_tools', table => {
    table.string('hash').comment('Of what its server said of it');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the tables anew.
  for (const [table, column] of [
    ['gone_tools', 'hash'],
    ['tools', 'said'],
    ['tools', 'held_change'],
  ]) {
    await knex.raw('alter table ?? drop column ??', [table, column]);
  }
  await knex.schema.dropTable('tool_changes');
};
