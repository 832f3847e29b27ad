// @ts-check

// What queries have to say in these words as well, or SQLite does not use the index;
// see src/store/filter.ts.
const RARE_TYPES =
  "type in ('credential', 'delegation', 'policy-change', 'entity-change', 'approval', 'other')";
const RARE_OUTCOMES = "outcome in ('denied', 'failed')";

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

  // Refs as text without a length: a subject may be longer than the person was.
  // On SQLite rows lie in the order of their primary key, instead of in two trees.
  const clustered = String(knex.client.config.client).includes('sqlite')
    ? 'without rowid'
    : '';
  await knex.raw(`
    create table audit_entries (
      tree integer not null,
      seq bigint not null,
      id varchar(64) not null,
      recorded_at bigint not null,
      type varchar(20) not null,
      outcome varchar(20) not null,
      actor text,
      agent_ref text,
      agent_owner_ref text,
      resource text,
      run_id varchar(64),
      retention varchar(20) not null,
      body text not null,
      primary key (tree, seq)
    ) ${clustered}`);
  await knex.schema.alterTable('audit_entries', table => {
    table.unique(['tree', 'id']);
  });
  // Each index costs every entry. What most entries have is found without one, and
  // what an entry does not have is not looked for.
  const indexes = {
    type: RARE_TYPES,
    outcome: RARE_OUTCOMES,
    actor: 'actor is not null',
    agent_ref: 'agent_ref is not null',
    agent_owner_ref: 'agent_owner_ref is not null',
    resource: 'resource is not null',
    run_id: 'run_id is not null',
  };
  for (const [column, condition] of Object.entries(indexes)) {
    await knex.raw(
      `create index audit_entries_${column}_idx on audit_entries (tree, ${column}, seq) where ${condition}`,
    );
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

  // In which entries a person is named.
  await knex.raw(`
    create table audit_entry_subjects (
      tree integer not null,
      subject varchar(40) not null,
      seq bigint not null,
      primary key (tree, subject, seq)
    ) ${clustered}`);

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
    table.text('agent_ref').notNullable();
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
