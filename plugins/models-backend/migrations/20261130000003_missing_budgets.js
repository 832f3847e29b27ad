// @ts-check

/**
 * A budget of a file that is not there any more stays for a while: the file may
 * only be away.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('model_budgets', table => {
    table
      .bigInteger('missing_since')
      .comment('ms, UTC; since when it is not written where it comes from');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // In its own words, because Knex would make the table anew.
  await knex.raw('alter table model_budgets drop column missing_since');
};
