// @ts-check

/**
 * Of whom the guard found something, for those who add findings up.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('tool_guard_findings', table => {
    table
      .string('agent_ref', 255)
      .comment('Empty of those before, and of rehearsals');
    table.string('run_id', 255);
    table.index(['found_at', 'call_id'], 'tool_guard_findings_order_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop index tool_guard_findings_order_idx');
  for (const column of ['run_id', 'agent_ref']) {
    await knex.raw('alter table tool_guard_findings drop column ??', [column]);
  }
};
