// @ts-check

/**
 * Times are milliseconds since the epoch, UTC. Big integers: their values pass 32 bits.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('audit_trees', table => {
    table.comment('One log for each tenant; its row is what its writers lock');
    table.increments('id');
    table.string('tenant', 63).notNullable().unique();
    table.bigInteger('size').notNullable().defaultTo(0);
    table.bigInteger('last_at').notNullable().defaultTo(0);
    table.bigInteger('head_size').notNullable().defaultTo(0);
    table
      .integer('erasures')
      .notNullable()
      .defaultTo(0)
      .comment('So that no process goes on with the key of an erased person');
  });

  await knex.schema.createTable('audit_tiles', table => {
    table.comment('Up to 256 hashes of the tree; see the package audit-log');
    table.integer('tree').notNullable();
    table.integer('level').notNullable();
    table.bigInteger('position').notNullable();
    table.binary('hashes').notNullable();
    table.primary(['tree', 'level', 'position']);
  });

  await knex.schema.createTable('audit_entries', table => {
    table.comment(
      'What happened. Rows are added, and deleted when their time is over',
    );
    table.integer('tree').notNullable();
    table.bigInteger('seq').notNullable();
    table.string('id', 64).notNullable();
    table.bigInteger('recorded_at').notNullable();
    table.string('type', 20).notNullable();
    table.string('outcome', 20).notNullable();
    table.string('actor', 500).notNullable();
    table.string('agent_ref', 255);
    table.string('agent_owner_ref', 255).comment('When it was recorded');
    table.string('resource', 500);
    table.string('run_id', 64);
    table.string('retention', 20).notNullable();
    table
      .text('body')
      .notNullable()
      .comment('Canonical JSON: the leaf of the tree');
    table.primary(['tree', 'seq']);
    table.unique(['tree', 'id']);
    table.index(['tree', 'recorded_at'], 'audit_entries_time_idx');
  });
  const columns = [
    'type',
    'outcome',
    'actor',
    'agent_ref',
    'agent_owner_ref',
    'resource',
    'run_id',
    'retention',
  ];
  for (const column of columns) {
    // What an entry does not have is not looked for.
    await knex.raw('create index ?? on ?? (??, ??, ??) where ?? is not null', [
      `audit_entries_${column}_idx`,
      'audit_entries',
      'tree',
      column,
      'seq',
      column,
    ]);
  }

  await knex.schema.createTable('audit_subjects', table => {
    table.comment('Persons. Whose row is deleted is erased');
    table.string('subject', 40).primary();
    table.integer('tree').notNullable();
    table.string('lookup', 64).notNullable();
    table.string('secret_id', 32).notNullable();
    table.text('wrapped_key').notNullable();
    table.unique(['tree', 'lookup']);
  });

  await knex.schema.createTable('audit_entry_subjects', table => {
    table.comment('In which entries a person is named');
    table.integer('tree').notNullable();
    table.string('subject', 40).notNullable();
    table.bigInteger('seq').notNullable();
    table.primary(['tree', 'subject', 'seq']);
    table.index(['tree', 'seq'], 'audit_entry_subjects_seq_idx');
  });

  await knex.schema.createTable('audit_heads', table => {
    table.integer('tree').notNullable();
    table.bigInteger('size').notNullable();
    table.text('head').notNullable();
    table.primary(['tree', 'size']);
  });

  await knex.schema.createTable('audit_keys', table => {
    table.comment('Public keys that have signed');
    table.string('key_id', 32).primary();
    table.text('jwk').notNullable();
    table.bigInteger('created_at').notNullable();
  });

  await knex.schema.createTable('audit_anchors', table => {
    table.comment('Up to which head an anchor has been told');
    table.string('anchor', 255).notNullable();
    table.integer('tree').notNullable();
    table.bigInteger('size').notNullable();
    table.primary(['anchor', 'tree']);
  });

  await knex.schema.createTable('audit_holds', table => {
    table.string('id', 64).primary();
    table.integer('tree').notNullable();
    table.text('reason').notNullable();
    table.string('agent_ref', 255);
    table.string('subject', 40);
    table.string('run_id', 64);
    table.string('created_by', 255).notNullable();
    table.bigInteger('created_at').notNullable();
    table.bigInteger('released_at');
    table.string('released_by', 255);
    table.text('release_reason');
    table.index(['tree', 'created_at', 'id'], 'audit_holds_latest_idx');
  });

  await knex.schema.createTable('audit_daily', table => {
    table.comment('Counts, written with the entries');
    table.integer('tree').notNullable();
    table.integer('day').notNullable().comment('Days since the epoch, UTC');
    table.string('type', 20).notNullable();
    table.string('outcome', 20).notNullable();
    table.string('agent_ref', 255).notNullable();
    table.bigInteger('entries').notNullable();
    table.primary(['tree', 'day', 'type', 'outcome', 'agent_ref']);
  });

  await knex.schema.createTable('audit_entities', table => {
    table.comment('Entities as they were when their last change was recorded');
    table.string('entity_ref', 255).primary();
    table.string('uid', 64).notNullable();
    table.integer('revision').notNullable();
    table.string('etag', 255).notNullable();
    table.text('parts').notNullable();
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  for (const table of [
    'audit_entities',
    'audit_daily',
    'audit_holds',
    'audit_anchors',
    'audit_keys',
    'audit_heads',
    'audit_entry_subjects',
    'audit_subjects',
    'audit_entries',
    'audit_tiles',
    'audit_trees',
  ]) {
    await knex.schema.dropTable(table);
  }
};
