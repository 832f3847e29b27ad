// @ts-check

/**
 * What of a budget's thresholds was told to whom. A counter knows the highest
 * threshold that was passed; what is lower here is still to be told.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_budget_announcements', table => {
    table.comment('How far the thresholds of a window were announced');
    table.string('budget_id', 24).notNullable();
    table.bigInteger('window_start').notNullable();
    table
      .bigInteger('limit_nano_usd')
      .notNullable()
      .comment('With another limit the same thresholds are other amounts');
    table.string('channel', 16).notNullable().comment('event, notification');
    table
      .integer('delivered')
      .notNullable()
      .comment('Highest threshold that was told, per mille');
    table
      .bigInteger('claimed_until')
      .notNullable()
      .comment('ms, UTC; until then nobody else tries');
    table.primary(['budget_id', 'window_start', 'limit_nano_usd', 'channel']);
  });
  // Few windows pass a threshold, and only those are ever looked for.
  await knex.raw(
    'create index model_budget_windows_passed_idx on model_budget_windows (window_start) where announced > 0',
  );
  // What was passed before this table was there has been told already.
  await knex.raw(
    `insert into model_budget_announcements
       (budget_id, window_start, limit_nano_usd, channel, delivered, claimed_until)
     select w.budget_id, w.window_start, b.limit_nano_usd, c.channel, w.announced, 0
     from model_budget_windows w
     join model_budgets b on b.id = w.budget_id
     cross join (select 'event' as channel union all select 'notification') c
     where w.announced > 0`,
  );
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.raw('drop index model_budget_windows_passed_idx');
  await knex.schema.dropTable('model_budget_announcements');
};
