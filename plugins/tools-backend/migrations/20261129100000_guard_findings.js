// @ts-check

/**
 * In which conversations a tool returned what tries to give instructions.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('tool_guard_findings', table => {
    table.comment(
      'Conversations in which a tool returned what tries to give instructions',
    );
    table
      .string('scope')
      .notNullable()
      .comment('The conversation, else the run or the task');
    table.string('call_id').notNullable();
    table.string('tool_name').notNullable();
    table.bigInteger('found_at').notNullable().comment('ms UTC');
    table.primary(['scope', 'call_id']);
    table.index(['found_at'], 'tool_guard_findings_found_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('tool_guard_findings');
};
