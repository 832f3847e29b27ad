// @ts-check

/** @param {import('knex').Knex} knex */
exports.up = async knex => {
  await knex.schema.createTable('agent_provider_assertions', table => {
    table
      .string('id', 64)
      .primary()
      .comment('SHA-256 of issuer and id of an assertion that was used');
    table
      .bigInteger('expires_at')
      .notNullable()
      .index('agent_provider_assertions_expires_idx')
      .comment('After this moment the assertion is refused for its age');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async knex => {
  await knex.schema.dropTable('agent_provider_assertions');
};
