/**
 * Data sets. A row of a case says from which version on and until which it is in the set, so
 * a version is never written again, and one more case costs one row.
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_data_sets', table => {
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('title', 255).notNullable();
    table.text('description').nullable();
    // An entity of the catalog, for sets that are files.
    table.string('entity_ref', 255).nullable().unique();
    table.integer('version').notNullable();
    table.integer('case_count').notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('updated_at').notNullable();
    table.string('updated_by', 255).nullable();
    // JSON: what is odd about its cases, and what is wrong with its file.
    table.text('problems').notNullable();
    table.text('file_problem').nullable();
    // JSON: a gate that is stricter than the operator's.
    table.text('gate').nullable();
    table.index(['agent_ref', 'updated_at', 'id']);
    table.index(['updated_at', 'id']);
  });
  await knex.schema.createTable('evals_data_set_versions', table => {
    table
      .string('data_set_id', 36)
      .notNullable()
      .references('evals_data_sets.id')
      .onDelete('CASCADE');
    table.integer('version').notNullable();
    table.integer('case_count').notNullable();
    table.bigInteger('created_at').notNullable();
    table.string('created_by', 255).nullable();
    table.primary(['data_set_id', 'version']);
    table.index(['created_at']);
  });
  await knex.schema.createTable('evals_cases', table => {
    table
      .string('data_set_id', 36)
      .notNullable()
      .references('evals_data_sets.id')
      .onDelete('CASCADE');
    table.string('case_id', 100).notNullable();
    table.integer('from_version').notNullable();
    table.integer('until_version').nullable();
    table.integer('position').notNullable();
    // Of what is asked and expected, by which cases of evaluations are paired.
    table.string('digest', 80).notNullable();
    table.text('body').notNullable();
    table.primary(['data_set_id', 'case_id', 'from_version']);
    table.index(['data_set_id', 'position', 'case_id']);
    table.index(['until_version']);
  });
};

exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_cases');
  await knex.schema.dropTable('evals_data_set_versions');
  await knex.schema.dropTable('evals_data_sets');
};
