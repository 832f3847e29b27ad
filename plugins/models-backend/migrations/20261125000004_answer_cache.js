// @ts-check

/**
 * Answers from memory. Of a question there are digests and an embedding only, no
 * text; answers and embeddings are sealed where there is a key to seal them with.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_cache_entries', table => {
    table.comment('Answers of models that may be given again');
    table.string('id', 24).primary();
    table
      .string('partition', 43)
      .notNullable()
      .comment('Digest of who asked, of what, in which context');
    table
      .string('question', 43)
      .notNullable()
      .comment('Digest of the partition and the words of the question');
    table
      .string('bucket', 43)
      .comment('Digest of the partition and what must be equal in questions');
    table.binary('embedding').comment('32 bit floats, little endian, sealed');
    table.binary('answer').notNullable().comment('Deflated JSON, sealed');
    table.string('model', 300).notNullable();
    table.bigInteger('cost_nano_usd').notNullable();
    table.integer('input_tokens').notNullable();
    table.integer('output_tokens').notNullable();
    table.integer('bytes').notNullable();
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
    table
      .bigInteger('expires_at')
      .notNullable()
      .comment('ms, UTC; 0 until it is certain that it was not purged');
    table.string('agent_ref', 300);
    table.string('key_id', 64);
    table.string('user_ref', 300);
    table.integer('hits').notNullable().defaultTo(0);
    table.bigInteger('last_used_at').notNullable().comment('ms, UTC');
    table.index(['question', 'created_at'], 'model_cache_question_idx');
    table.index(['bucket', 'created_at'], 'model_cache_bucket_idx');
    table.index(['partition', 'last_used_at'], 'model_cache_partition_idx');
    table.index(['expires_at'], 'model_cache_expiry_idx');
    table.index(['last_used_at'], 'model_cache_use_idx');
    table.index(['agent_ref'], 'model_cache_agent_idx');
    table.index(['key_id'], 'model_cache_key_idx');
    table.index(['user_ref'], 'model_cache_user_idx');
  });
  await knex.schema.createTable('model_cache_purges', table => {
    table.comment(
      'What was purged lately, so that a call under way does not bring it back',
    );
    table.increments('id');
    table.string('agent_ref', 300);
    table.string('key_id', 64);
    table.string('user_ref', 300);
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
    table.index(['created_at'], 'model_cache_purges_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('model_cache_purges');
  await knex.schema.dropTable('model_cache_entries');
};
