// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .uuid('forked_from_run')
      .comment('The run that it repeats from one of its steps');
    table
      .integer('forked_from_step')
      .comment(
        'Index of that step; none when it repeats the run from the start',
      );
    table
      .text('initial_messages')
      .comment(
        'What its agent has before it when it begins, JSON; while it is open',
      );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  for (const column of [
    'initial_messages',
    'forked_from_step',
    'forked_from_run',
  ]) {
    await knex.raw('alter table orchestration_runs drop column ??', [column]);
  }
};
