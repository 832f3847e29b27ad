// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('agent_rule_texts', table => {
    table.comment(
      'Texts of rules for tool calls, and what of each is in force',
    );
    table.string('name', 255).primary();
    table.string('source', 16).notNullable().comment('portal, git or entity');
    table.text('scope').notNullable().comment('JSON: whom it may speak about');
    table.string('mode', 16).notNullable().comment('enforce, log or off');
    table.text('text').notNullable().comment('The newest, good or not');
    table.integer('version').notNullable();
    table.text('rules').notNullable().comment('JSON of the last good text');
    table.text('problems').notNullable().comment('JSON; why it is refused');
    table.bigInteger('changed_at').notNullable();
    table.string('changed_by', 255);
  });

  await knex.schema.createTable('agent_rule_versions', table => {
    table.comment('What texts that are kept here were before');
    table.string('id', 36).primary();
    table.string('name', 255).notNullable();
    table.integer('version').notNullable();
    table.text('text').notNullable();
    table.string('mode', 16).notNullable();
    table.text('comment').notNullable();
    table.bigInteger('changed_at').notNullable();
    table.string('changed_by', 255).notNullable();
    table.unique(['name', 'version'], {
      indexName: 'agent_rule_versions_uniq',
    });
    table.index(['name', 'changed_at', 'id'], 'agent_rule_versions_name_idx');
    table.index(['changed_at'], 'agent_rule_versions_changed_idx');
  });

  await knex.schema.createTable('agent_rule_revision', table => {
    table.comment('One row: lets every process see that rules changed');
    table.integer('id').primary();
    table.bigInteger('revision').notNullable();
  });
  await knex('agent_rule_revision').insert({ id: 1, revision: 1 });

  await knex.schema.createTable('agent_rule_hits', table => {
    table.comment('How often rules matched, by day and what they did then');
    table.string('rule_id', 512).notNullable();
    table.string('mode', 16).notNullable().comment('enforce or log');
    table.integer('day').notNullable().comment('Since the epoch, UTC');
    table.bigInteger('hits').notNullable();
    table.primary(['rule_id', 'mode', 'day']);
    table.index(['day'], 'agent_rule_hits_day_idx');
  });

  await knex.schema.createTable('agent_rule_examples', table => {
    table.comment('The last calls that rules matched');
    table.string('id', 36).primary();
    table.string('rule_id', 512).notNullable();
    table.bigInteger('at').notNullable();
    table.string('agent_ref', 255).notNullable();
    table.string('tool_ref', 255).notNullable();
    table.string('run_id', 255);
    table.index(['rule_id', 'at', 'id'], 'agent_rule_examples_rule_idx');
    table.index(['at'], 'agent_rule_examples_at_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('agent_rule_examples');
  await knex.schema.dropTable('agent_rule_hits');
  await knex.schema.dropTable('agent_rule_revision');
  await knex.schema.dropTable('agent_rule_versions');
  await knex.schema.dropTable('agent_rule_texts');
};
