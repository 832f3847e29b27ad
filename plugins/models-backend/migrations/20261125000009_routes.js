// @ts-check

/**
 * Routes that people have changed in the portal. What is saved goes before what
 * the catalog says until it is taken back.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_route_edits', table => {
    table.comment('Routes as they were last saved in the portal');
    table.string('name', 63).primary();
    table.text('yaml').notNullable();
    table.bigInteger('saved_at').notNullable().comment('ms, UTC');
    table.string('saved_by', 300).notNullable();
  });
  await knex.schema.createTable('model_route_changes', table => {
    table.comment('Who changed which route, when and to what');
    table.increments('id');
    table.string('name', 63).notNullable();
    table.bigInteger('at').notNullable().comment('ms, UTC');
    table.string('by', 300).notNullable();
    table.string('action', 8).notNullable().comment('saved, reverted');
    table.text('yaml').comment('What was saved');
    table.index(['name', 'id'], 'model_route_changes_name_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_route_changes');
  await knex.schema.dropTable('model_route_edits');
};
