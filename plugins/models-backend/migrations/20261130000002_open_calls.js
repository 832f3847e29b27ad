// @ts-check

/**
 * Calls that are under way have a table of their own, which triggers keep, and no
 * index of the ledger is about what changes when a call ends: on PostgreSQL that
 * would write all of its indexes anew. What a key was used for is summed up by
 * day, and parts of days are found by the time.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_open_calls', table => {
    table.comment('Calls that are under way');
    table.string('call_id', 24).primary();
  });
  if (isPostgres(knex)) {
    await createPostgresTriggers(knex);
    // Room in each page for what changes there.
    await knex.raw('alter table model_calls set (fillfactor = 80)');
    await knex.raw('alter table model_budget_windows set (fillfactor = 50)');
  } else {
    await createSqliteTriggers(knex);
  }
  // The triggers hold writers off until this is done.
  await knex.raw(
    "insert into model_open_calls select id from model_calls where status = 'started'",
  );
  await knex.raw('drop index model_calls_status_idx');
  await knex.raw('drop index model_calls_key_idx');
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  if (isPostgres(knex)) {
    await knex.raw('drop trigger model_open_calls_insert on model_calls');
    await knex.raw('drop trigger model_open_calls_update on model_calls');
    await knex.raw('drop function model_open_calls_add()');
    await knex.raw('drop function model_open_calls_end()');
    await knex.raw('alter table model_calls reset (fillfactor)');
    await knex.raw('alter table model_budget_windows reset (fillfactor)');
  } else {
    await knex.raw('drop trigger model_open_calls_insert');
    await knex.raw('drop trigger model_open_calls_update');
  }
  await knex.schema.dropTable('model_open_calls');
  await knex.raw(
    "create index model_calls_status_idx on model_calls (status, created_at) where status = 'started'",
  );
  await knex.raw(
    'create index model_calls_key_idx on model_calls (key_id, created_at) where key_id is not null',
  );
};

/** @param {import('knex').Knex} knex */
async function createSqliteTriggers(knex) {
  await knex.raw(
    `create trigger model_open_calls_insert after insert on model_calls
     when new.status = 'started'
     begin
       insert into model_open_calls (call_id) values (new.id);
     end`,
  );
  await knex.raw(
    `create trigger model_open_calls_update after update of status on model_calls
     when old.status = 'started' and new.status <> 'started'
     begin
       delete from model_open_calls where call_id = new.id;
     end`,
  );
}

/** @param {import('knex').Knex} knex */
async function createPostgresTriggers(knex) {
  await knex.raw(`
    create function model_open_calls_add() returns trigger language plpgsql as $$
    begin
      insert into model_open_calls (call_id)
      select id from made where status = 'started';
      return null;
    end $$`);
  await knex.raw(`
    create function model_open_calls_end() returns trigger language plpgsql as $$
    begin
      delete from model_open_calls
      where call_id in (select id from later where status <> 'started');
      return null;
    end $$`);
  await knex.raw(
    `create trigger model_open_calls_insert after insert on model_calls
     referencing new table as made
     for each statement execute function model_open_calls_add()`,
  );
  await knex.raw(
    `create trigger model_open_calls_update after update on model_calls
     referencing new table as later
     for each statement execute function model_open_calls_end()`,
  );
}

/** @param {import('knex').Knex} knex */
function isPostgres(knex) {
  return String(knex.client.config.client).startsWith('pg');
}
