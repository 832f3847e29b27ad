// @ts-check

/**
 * Which tools are to be read again is known of each server, so that one that changes
 * all the time costs no other; and when one that is down is to be visited again.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .bigInteger('tools_revision')
      .notNullable()
      .defaultTo(0)
      .comment('The revision of the registry in which its tools last changed');
    table
      .bigInteger('retry_at')
      .nullable()
      .comment('Before which it is not visited again, ms UTC');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('alter table servers drop column tools_revision');
  await knex.raw('alter table servers drop column retry_at');
};
