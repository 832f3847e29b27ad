// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // What is usual is known in another form, and is learned again.
  await knex('evals_watched').delete();
  await knex.schema.alterTable('evals_watched', table => {
    table
      .integer('version')
      .notNullable()
      .defaultTo(0)
      .comment('Who wrote meanwhile is not written over');
  });
  await knex.schema.alterTable('evals_alarms', table => {
    table
      .text('evidence')
      .notNullable()
      .defaultTo('[]')
      .comment('What was seen, in words, JSON');
  });
  await knex.schema.createTable('evals_alarm_mutes', table => {
    table.comment('What nobody wants to hear of for a while');
    table.string('agent_ref', 255).notNullable();
    table.string('kind', 16).notNullable();
    table.string('reason', 1000).notNullable();
    table.string('muted_by', 255).notNullable();
    table.bigInteger('muted_at').notNullable();
    table.bigInteger('until').notNullable();
    table.primary(['agent_ref', 'kind']);
    table.index(['until'], 'evals_alarm_mutes_until_idx');
    table.index(['muted_by'], 'evals_alarm_mutes_by_idx');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_alarm_mutes');
  await knex('evals_alarms')
    .whereIn('kind', ['tokens', 'paths', 'topics', 'calls'])
    .delete();
  await knex('evals_watched').delete();
  // On SQLite the schema builder would make the table anew.
  await knex.raw('alter table ?? drop column ??', ['evals_alarms', 'evidence']);
  await knex.raw('alter table ?? drop column ??', ['evals_watched', 'version']);
};
