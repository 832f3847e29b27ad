// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async knex => {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .uuid('delegation_id')
      .nullable()
      .comment('The delegation that the run works by; runs of before had none');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async knex => {
  // On SQLite the schema builder would make the table anew, and what hangs on it would go.
  await knex.raw('alter table orchestration_runs drop column delegation_id');
};
