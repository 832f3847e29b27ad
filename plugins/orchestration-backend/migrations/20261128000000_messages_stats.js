// @ts-check

/**
 * Each message of a run once, for steps and events to refer to; daily figures
 * that are written with the runs; how far old runs have been thinned out.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('orchestration_messages', table => {
    table.comment('What models were sent and what they and tools said');
    table
      .string('run_id', 64)
      .notNullable()
      .references('id')
      .inTable('orchestration_runs')
      .onDelete('CASCADE');
    table.integer('seq').notNullable();
    table.text('message').notNullable();
    table.primary(['run_id', 'seq']);
  });

  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .integer('thinned')
      .notNullable()
      .defaultTo(0)
      .comment('0 whole, 1 without events, 2 without steps and messages');
    table.index(['thinned', 'finished_at'], 'orchestration_runs_thinned_idx');
    table.index(['finished_at'], 'orchestration_runs_finished_idx');
  });

  await knex.schema.createTable('orchestration_daily_stats', table => {
    table.comment('Runs by UTC day and everything that decides who sees them');
    table.string('agent_ref', 255).notNullable();
    table.integer('day').notNullable().comment('Days since the epoch');
    table.string('created_by', 255).notNullable();
    table.string('on_behalf_of', 255).notNullable().comment('Empty for none');
    table.string('agent_owner_ref', 255).notNullable();
    table
      .integer('duration_bucket')
      .notNullable()
      .comment('-1 counts starts; else the duration of what ended');
    table.bigInteger('runs').notNullable().defaultTo(0);
    table.bigInteger('succeeded').notNullable().defaultTo(0);
    table.bigInteger('failed').notNullable().defaultTo(0);
    table.bigInteger('cancelled').notNullable().defaultTo(0);
    table.bigInteger('cost_nano_usd').notNullable().defaultTo(0);
    table.bigInteger('last_at').notNullable();
    table.primary([
      'agent_ref',
      'day',
      'created_by',
      'on_behalf_of',
      'agent_owner_ref',
      'duration_bucket',
    ]);
    table.index(['day'], 'orchestration_daily_stats_day_idx');
  });
  await countExistingRuns(knex);
};

/**
 * Each run counts once as started and once as ended, under its duration. The
 * scale is that of StatsStore, as it was when this was written.
 *
 * @param {import('knex').Knex} knex
 */
async function countExistingRuns(knex) {
  await knex.raw(`
    INSERT INTO orchestration_daily_stats (
      agent_ref, day, created_by, on_behalf_of, agent_owner_ref,
      duration_bucket, runs, succeeded, failed, cancelled, cost_nano_usd,
      last_at
    )
    SELECT
      agent_ref, created_at / 86400000, created_by,
      coalesce(on_behalf_of, ''), coalesce(agent_owner_ref, ''),
      bucket, sum(started),
      sum(CASE WHEN started = 0 AND status = 'succeeded' THEN 1 ELSE 0 END),
      sum(CASE WHEN started = 0 AND status = 'failed' THEN 1 ELSE 0 END),
      sum(CASE WHEN started = 0 AND status = 'cancelled' THEN 1 ELSE 0 END),
      sum(CASE WHEN started = 0 THEN cost_nano_usd ELSE 0 END),
      max(created_at)
    FROM (
      SELECT runs.*, 1 AS started, -1 AS bucket FROM orchestration_runs AS runs
      UNION ALL
      SELECT runs.*, 0 AS started, CASE
        WHEN duration_ms IS NULL THEN -1
        ELSE CAST(round(
          8 * ln(CAST(duration_ms + 1 AS double precision)) / ln(2)
        ) AS integer)
      END AS bucket
      FROM orchestration_runs AS runs
      WHERE status IN ('succeeded', 'failed', 'cancelled')
    ) AS counted
    GROUP BY
      agent_ref, created_at / 86400000, created_by,
      coalesce(on_behalf_of, ''), coalesce(agent_owner_ref, ''), bucket
  `);
}

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('orchestration_daily_stats');
  await knex.schema.alterTable('orchestration_runs', table => {
    table.dropIndex([], 'orchestration_runs_finished_idx');
    table.dropIndex([], 'orchestration_runs_thinned_idx');
  });
  // Knex would copy the table on SQLite and drop the old one, and steps and
  // events of all runs with it.
  await knex.raw('ALTER TABLE orchestration_runs DROP COLUMN thinned');
  // What steps and events have said since only by a message is lost here.
  await knex.schema.dropTable('orchestration_messages');
};
