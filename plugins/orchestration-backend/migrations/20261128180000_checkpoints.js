// @ts-check

/**
 * Checkpoints of LangGraph. Values of channels lie apart from the checkpoints,
 * so that one which has not changed is stored once.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // LangGraph sorts names and ids as bytes; so does SQLite, and PostgreSQL if told to.
  const collation = knex.client.config.client.includes('sqlite')
    ? ''
    : ' COLLATE "C"';
  /**
   * @param {import('knex').Knex.CreateTableBuilder} table
   * @param {string} name
   * @param {string} type
   */
  const bytewise = (table, name, type) =>
    table.specificType(name, `${type}${collation}`);

  await knex.schema.createTable('orchestration_checkpoint_threads', table => {
    table.comment('One row for each thread; what belongs to it goes with it');
    bytewise(table, 'thread_id', 'varchar(255)').primary();
    table.bigInteger('updated_at').notNullable().comment('To the hour');
    table
      .boolean('prune_due')
      .notNullable()
      .comment('Whether it has had checkpoints since it was thinned out');
    table.index(['updated_at'], 'orchestration_checkpoint_threads_age_idx');
    table.index(['prune_due'], 'orchestration_checkpoint_threads_due_idx');
  });

  /** @param {import('knex').Knex.CreateTableBuilder} table */
  const ofThread = table => {
    bytewise(table, 'thread_id', 'varchar(255)')
      .notNullable()
      .references('thread_id')
      .inTable('orchestration_checkpoint_threads')
      .onDelete('CASCADE');
    bytewise(table, 'checkpoint_ns', 'varchar(1024)').notNullable();
    bytewise(table, 'checkpoint_id', 'varchar(64)').notNullable();
    table
      .string('key_id', 64)
      .comment('The key that it is sealed with; none when it is not');
  };

  await knex.schema.createTable('orchestration_checkpoints', table => {
    table.comment('States of graphs after each of their steps');
    ofThread(table);
    bytewise(table, 'parent_id', 'varchar(64)');
    table
      .text('channels')
      .notNullable()
      .comment('Version of each channel and where its value lies, JSON');
    table
      .binary('body')
      .notNullable()
      .comment('The rest of the checkpoint, and its metadata');
    table.primary(['thread_id', 'checkpoint_ns', 'checkpoint_id']);
  });

  await knex.schema.createTable('orchestration_checkpoint_values', table => {
    table.comment('What a channel has had new at a checkpoint');
    ofThread(table);
    bytewise(table, 'channel', 'varchar(255)').notNullable();
    table.binary('data').notNullable();
    table.primary(['thread_id', 'checkpoint_ns', 'channel', 'checkpoint_id']);
  });

  await knex.schema.createTable('orchestration_checkpoint_writes', table => {
    table.comment('What finished tasks of the step after a checkpoint wrote');
    ofThread(table);
    bytewise(table, 'task_id', 'varchar(255)').notNullable();
    table.integer('idx').notNullable();
    bytewise(table, 'task_path', 'text').notNullable();
    table.string('channel', 255).notNullable();
    table.string('type', 16).notNullable();
    table.binary('data').notNullable();
    table.primary([
      'thread_id',
      'checkpoint_ns',
      'checkpoint_id',
      'task_id',
      'idx',
    ]);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('orchestration_checkpoint_writes');
  await knex.schema.dropTable('orchestration_checkpoint_values');
  await knex.schema.dropTable('orchestration_checkpoints');
  await knex.schema.dropTable('orchestration_checkpoint_threads');
};
