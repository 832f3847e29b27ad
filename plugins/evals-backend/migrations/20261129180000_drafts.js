// @ts-check

/**
 * Which model drafted a proposal, and how many drafts were asked for on a UTC day, counted since 1970.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('evals_proposals', table => {
    table
      .string('drafted_by', 255)
      .comment('Entity ref of the model; null where a person wrote it');
  });
  await knex.schema.createTable('evals_draft_days', table => {
    table.integer('day').primary();
    table.integer('calls').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_draft_days');
  // On SQLite the schema builder would make the table anew.
  await knex.raw('alter table ?? drop column ??', [
    'evals_proposals',
    'drafted_by',
  ]);
};
