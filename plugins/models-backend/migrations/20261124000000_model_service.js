// @ts-check

/**
 * What the ledger keeps besides tokens and money: how a model was chosen, what
 * the request asked for, so that another route can be tried on it, and what was
 * saved. All of it is null where it does not apply, which costs next to nothing.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_call_reasons', table => {
    table.comment('Why a model was chosen, as sentences that many calls share');
    table.increments('id');
    table.string('digest', 44).notNullable().unique();
    table.text('sentences').notNullable();
  });
  await knex.schema.alterTable('model_calls', table => {
    table.integer('key_id').comment('Key of a program, in model_call_names');
    table.integer('reason_id').comment('In model_call_reasons');
    table
      .specificType('role', 'smallint')
      .comment('1 retry, 2 fallback, 3 hedge');
    table.specificType('complexity', 'smallint').comment('Per mille');
    table
      .specificType('needs', 'smallint')
      .comment('Bits: tools, vision, audio, files, structured output');
    table
      .specificType('classification', 'smallint')
      .comment('0 public, 1 internal, 2 confidential, 3 restricted');
    table.boolean('stream');
    table.integer('cache_write_1h');
    table.integer('input_audio');
    table.integer('input_image');
    table.integer('output_audio');
    table.integer('output_image');
    table.bigInteger('saved_by_cache_nano_usd');
    table.bigInteger('saved_by_routing_nano_usd');
    table.bigInteger('saved_by_compression_nano_usd');
    table.index(['key_id', 'created_at'], 'model_calls_key_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('model_calls', table => {
    table.dropIndex(['key_id', 'created_at'], 'model_calls_key_idx');
    table.dropColumns(
      'key_id',
      'reason_id',
      'role',
      'complexity',
      'needs',
      'classification',
      'stream',
      'cache_write_1h',
      'input_audio',
      'input_image',
      'output_audio',
      'output_image',
      'saved_by_cache_nano_usd',
      'saved_by_routing_nano_usd',
      'saved_by_compression_nano_usd',
    );
  });
  await knex.schema.dropTable('model_call_reasons');
};
