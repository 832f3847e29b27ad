// @ts-check

/**
 * How sensitive the data is that a tool gives, which decides who may call it.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('tools', table => {
    table
      .string('data_classification')
      .nullable()
      .comment('Of what it gives; null where nobody said it');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('alter table tools drop column data_classification');
};
