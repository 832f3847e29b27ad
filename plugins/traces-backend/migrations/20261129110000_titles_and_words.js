// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('traces', table => {
    table
      .string('title', 200)
      .nullable()
      .comment('First words that were asked');
    table
      .bigInteger('title_key')
      .nullable()
      .comment('The span with the least gives the title');
    table.integer('error').nullable().comment('Of the root');
  });
  // Full text in a form that every database has: which words are in which trace. Knex cannot
  // say WITHOUT ROWID, which keeps a word's traces together on disk.
  const isSqlite = String(knex.client.config.client).includes('sqlite');
  await knex.raw(`
    create table trace_words (
      word varchar(40) not null,
      trace bigint not null,
      primary key (word, trace)
    ) ${isSqlite ? 'without rowid' : ''}`);
  await knex.schema.alterTable('trace_words', table => {
    table.index(['trace'], 'trace_words_trace_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('trace_words');
  await knex.schema.alterTable('traces', table => {
    table.dropColumns('title', 'title_key', 'error');
  });
};
