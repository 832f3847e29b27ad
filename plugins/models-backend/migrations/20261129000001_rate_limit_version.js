// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_rate_limit_version', table => {
    table.comment(
      'One row that moves with every change of a rate limit: what a process knows of them is good while it stands still',
    );
    table.integer('id').primary();
    table.bigInteger('version').notNullable();
  });
  await knex('model_rate_limit_version').insert({ id: 1, version: 0 });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_rate_limit_version');
};
