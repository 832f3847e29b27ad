// @ts-check

/**
 * Counts that also say who owns the agent and who is named, so that what one person
 * may see is counted without looking at the entries. They are made from the entries
 * some time later, the oldest first; a row for each log says how far they go.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  // Whoever owns the agent on which another one acted is to see it as well.
  await knex.schema.alterTable('audit_entries', table => {
    table.text('resource_owner_ref');
  });
  await knex.raw(
    'create index audit_entries_resource_owner_ref_idx on audit_entries (tree, resource_owner_ref, seq) where resource_owner_ref is not null',
  );
  // audit_daily stays: replicas of the version before write it with each entry, so no
  // entry of theirs is refused while a portal is upgraded one replica at a time.
  await knex.schema.createTable('audit_counts', table => {
    table.comment('Counts of the entries below audit_counted.seq');
    table.integer('tree').notNullable();
    table.integer('day').notNullable().comment('Days since the epoch, UTC');
    table.string('digest', 43).notNullable().comment('Of all that follows');
    table.string('type', 20).notNullable();
    table.string('outcome', 20).notNullable();
    table.text('agent_ref');
    table.text('agent_owner_ref');
    table.text('resource_owner_ref');
    table
      .text('subjects')
      .notNullable()
      .comment('The persons that are named, with a space between them');
    table.bigInteger('entries').notNullable();
    table.primary(['tree', 'day', 'digest']);
  });
  await knex.schema.createTable('audit_counted', table => {
    table.comment('Up to which entry a log is counted');
    table.integer('tree').primary();
    table.bigInteger('seq').notNullable().comment('Of the first that is not');
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('audit_counted');
  await knex.schema.dropTable('audit_counts');
  await knex.raw('drop index audit_entries_resource_owner_ref_idx');
  await knex.raw('alter table audit_entries drop column resource_owner_ref');
  await knex('audit_daily').delete();
  await knex.raw(
    `insert into audit_daily (tree, day, type, outcome, agent_ref, entries)
     select tree, recorded_at / 86400000, type, outcome, coalesce(agent_ref, ''), count(*)
     from audit_entries
     group by tree, recorded_at / 86400000, type, outcome, coalesce(agent_ref, '')`,
  );
};
