// @ts-check

/**
 * What callers say of answers, and where the tiers of complexity end for each
 * tenant by that.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_complexity_outcomes', table => {
    table.comment('Whether answers were good, by the tier that gave them');
    table.string('call_id', 24).primary();
    table.string('tenant', 300).notNullable().comment('Owner of the agent');
    table.specificType('complexity', 'smallint').notNullable();
    table
      .specificType('tier', 'smallint')
      .notNullable()
      .comment('0 simple, 1 medium, 2 complex, 3 reasoning');
    table.boolean('succeeded').notNullable();
    table.specificType('grade', 'smallint').comment('Per mille');
    table.bigInteger('recorded_at').notNullable().comment('ms, UTC');
    table.index(
      ['tenant', 'recorded_at'],
      'model_complexity_outcomes_tenant_idx',
    );
    table.index(['recorded_at'], 'model_complexity_outcomes_at_idx');
  });
  await knex.schema.createTable('model_complexity_calibrations', table => {
    table.comment('Up to which complexity a tier serves');
    table.string('tenant', 300).primary();
    table.text('thresholds').notNullable().comment('JSON');
    table.text('basis').notNullable().comment('JSON');
    table.bigInteger('calibrated_at').notNullable().comment('ms, UTC');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_complexity_calibrations');
  await knex.schema.dropTable('model_complexity_outcomes');
};
