// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  const isSqlite = String(knex.client.config.client).includes('sqlite');

  await knex.schema.createTable('trace_names', table => {
    table.comment('Numbers for names, so that rows of spans stay narrow');
    table.increments('id');
    table.smallint('dimension').notNullable();
    table.string('name', 200).notNullable();
    table
      .integer('seen_day')
      .notNullable()
      .comment('Days since 1970 until it was used last');
    table.unique(['dimension', 'name'], { indexName: 'trace_names_uniq' });
    table.index(['dimension', 'seen_day'], 'trace_names_seen_idx');
  });

  await knex.schema.createTable('traces', table => {
    table.comment('One row for each trace, summed up as its spans arrive');
    table.bigIncrements('id');
    table.binary('trace_id').notNullable();
    table.string('sender').notNullable().comment('Who sent its first span');
    table
      .bigInteger('root_key')
      .notNullable()
      .comment('The span with the least gives name and outcome');
    table.integer('root_name').notNullable();
    table.smallint('failed').notNullable();
    table.bigInteger('agent_key').nullable();
    table.integer('agent').nullable();
    table.integer('owner').nullable().comment('Of the agent, then');
    table.string('user_ref').nullable();
    table.string('session_id').nullable();
    table.string('run_id').nullable();
    table.bigInteger('started_us').notNullable().comment('Microseconds UTC');
    table.bigInteger('ended_us').notNullable();
    table.integer('spans').notNullable();
    table.integer('errors').notNullable();
    table.bigInteger('input_tokens').notNullable();
    table.bigInteger('output_tokens').notNullable();
    table.bigInteger('cache_read_tokens').notNullable();
    table.bigInteger('cost_nano_usd').notNullable();
    table.smallint('reckoned').notNullable();
    table
      .smallint('kept')
      .notNullable()
      .comment('0 not decided, 1 kept longer, 2 only this row is left');
    table.unique(['trace_id'], { indexName: 'traces_trace_id_uniq' });
    table.index(['started_us'], 'traces_started_idx');
    table.index(['agent', 'started_us'], 'traces_agent_idx');
    table.index(['owner', 'started_us'], 'traces_owner_idx');
    table.index(['user_ref', 'started_us'], 'traces_user_idx');
    table.index(['session_id', 'started_us'], 'traces_session_idx');
    table.index(['run_id'], 'traces_run_idx');
    table.index(['kept', 'started_us', 'spans'], 'traces_kept_idx');
  });

  await knex.schema.createTable('trace_uses', table => {
    table.comment('Models and tools of each trace');
    table.integer('name').notNullable();
    table.bigInteger('trace').notNullable();
    table.primary(['name', 'trace']);
    table.index(['trace'], 'trace_uses_trace_idx');
  });

  await knex.schema.createTable('trace_sessions', table => {
    table.comment(
      'Conversations; what they sum up to is read from their traces',
    );
    table.string('session_id').notNullable();
    table.integer('agent').notNullable().comment('0 for none');
    table.integer('owner').nullable();
    table.string('user_ref').nullable();
    table.bigInteger('last_us').notNullable();
    table.primary(['session_id', 'agent']);
    table.index(['last_us'], 'trace_sessions_last_idx');
    table.index(['owner', 'last_us'], 'trace_sessions_owner_idx');
    table.index(['user_ref', 'last_us'], 'trace_sessions_user_idx');
  });

  await knex.schema.createTable('trace_rollups', table => {
    table.comment('Figures by minute, hour and day, written with the spans');
    table.string('id', 100).primary();
    table.integer('seconds').notNullable().comment('Length of the interval');
    table.integer('kind').notNullable();
    table.bigInteger('bucket').notNullable().comment('Its begin, seconds UTC');
    table.integer('agent').notNullable();
    table.integer('owner').notNullable();
    table.integer('model').notNullable();
    table.integer('tool').notNullable();
    table.bigInteger('spans').notNullable();
    table.bigInteger('errors').notNullable();
    table.bigInteger('input_tokens').notNullable();
    table.bigInteger('output_tokens').notNullable();
    table.bigInteger('cache_read_tokens').notNullable();
    table.bigInteger('cost_nano_usd').notNullable();
    table.bigInteger('max_us').notNullable();
    table.binary('sketch').notNullable().comment('Of durations');
    table.index(['seconds', 'kind', 'bucket'], 'trace_rollups_bucket_idx');
  });

  // Knex cannot say WITHOUT ROWID, which keeps the spans of a trace together on disk.
  const [bytes, clustered] = isSqlite
    ? ['blob', 'without rowid']
    : ['bytea', ''];
  await knex.raw(`
    create table spans (
      trace bigint not null,
      span_id ${bytes} not null,
      parent_id ${bytes},
      name integer not null,
      kind smallint not null,
      failed smallint not null,
      error integer,
      start_us bigint not null,
      duration_us bigint not null,
      agent integer,
      model integer,
      provider integer,
      tool integer,
      input_tokens integer,
      output_tokens integer,
      cache_read_tokens integer,
      cost_nano_usd bigint,
      reckoned smallint not null,
      block bigint not null,
      primary key (trace, span_id)
    ) ${clustered}`);
  await knex.schema.createTable('span_blocks', table => {
    table.comment('What else is kept of the spans of one request and trace');
    table.bigInteger('trace').notNullable();
    table.bigInteger('block').notNullable();
    table.binary('details').notNullable().comment('JSON in zstd');
    table.primary(['trace', 'block']);
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  for (const table of [
    'span_blocks',
    'spans',
    'trace_rollups',
    'trace_sessions',
    'trace_uses',
    'traces',
    'trace_names',
  ]) {
    await knex.schema.dropTable(table);
  }
};
