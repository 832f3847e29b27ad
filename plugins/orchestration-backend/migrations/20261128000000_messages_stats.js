// @ts-check

/** The scale of StatsStore, as it was when this was written. */
const DURATION_STEPS = 30;

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
    table.comment('Runs of an agent by UTC day: of all people, and of each');
    table.string('created_by', 255).notNullable().comment('Empty for all');
    table.string('on_behalf_of', 255).notNullable().comment('Empty for none');
    table.string('agent_ref', 255).notNullable();
    table.integer('day').notNullable().comment('Days since the epoch');
    table.string('agent_owner_ref', 255).notNullable();
    table.bigInteger('runs').notNullable().defaultTo(0);
    table.bigInteger('succeeded').notNullable().defaultTo(0);
    table.bigInteger('failed').notNullable().defaultTo(0);
    table.bigInteger('cost_nano_usd').notNullable().defaultTo(0);
    table.bigInteger('last_at').notNullable();
    for (let step = 0; step < DURATION_STEPS; step += 1) {
      table.integer(`took_${step}`).notNullable().defaultTo(0);
    }
    table.primary([
      'created_by',
      'on_behalf_of',
      'agent_ref',
      'day',
      'agent_owner_ref',
    ]);
    table.index(
      ['on_behalf_of', 'agent_ref', 'day'],
      'orchestration_daily_stats_obo_idx',
    );
    table.index(['day'], 'orchestration_daily_stats_day_idx');
  });
  await countExistingRuns(knex, `''`, `''`);
  await countExistingRuns(knex, 'created_by', `coalesce(on_behalf_of, '')`);
};

const DURATION_STEP = `
  CASE WHEN duration_ms IS NOT NULL THEN
    CAST(round(2 * ln(CAST(duration_ms + 1 AS double precision)) / ln(2)) AS integer) - 14
  END`;

/**
 * Days of the runs that are there already.
 *
 * @param {import('knex').Knex} knex
 * @param {string} createdBy - what the day says of who asked for its runs
 * @param {string} onBehalfOf
 */
async function countExistingRuns(knex, createdBy, onBehalfOf) {
  const took = Array.from({ length: DURATION_STEPS }, (_, i) => `took_${i}`);
  const counts = took.map((_column, i) => {
    const last = i === DURATION_STEPS - 1;
    const is = (i === 0 && 'step <= 0') || `step ${last ? '>=' : '='} ${i}`;
    return `sum(CASE WHEN finished AND ${is} THEN 1 ELSE 0 END)`;
  });
  await knex.raw(`
    INSERT INTO orchestration_daily_stats (
      created_by, on_behalf_of, agent_ref, day, agent_owner_ref,
      runs, succeeded, failed, cost_nano_usd, last_at, ${took.join(', ')}
    )
    SELECT
      ${createdBy}, ${onBehalfOf}, agent_ref, created_at / 86400000, owner_ref,
      count(*),
      sum(CASE WHEN status = 'succeeded' THEN 1 ELSE 0 END),
      sum(CASE WHEN status = 'failed' THEN 1 ELSE 0 END),
      sum(CASE WHEN finished THEN cost_nano_usd ELSE 0 END),
      max(created_at),
      ${counts.join(', ')}
    FROM (
      SELECT
        runs.*, coalesce(agent_owner_ref, '') AS owner_ref,
        status IN ('succeeded', 'failed', 'cancelled') AS finished,
        ${DURATION_STEP} AS step
      FROM orchestration_runs AS runs
    ) AS counted
    GROUP BY ${createdBy === `''` ? '' : `${createdBy}, ${onBehalfOf},`}
      agent_ref, created_at / 86400000, owner_ref
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
