// @ts-check

const DAY_MS = 86_400_000;
const PAGE = 1_000;

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

/** @param {import('knex').Knex} knex */
async function countExistingRuns(knex) {
  /** @type {Map<string, any>} */
  const sums = new Map();
  for (let after = ''; ; ) {
    const rows = await knex('orchestration_runs')
      .select(
        'id',
        'agent_ref',
        'created_by',
        'on_behalf_of',
        'agent_owner_ref',
        'status',
        'created_at',
        'duration_ms',
        'cost_nano_usd',
      )
      .where('id', '>', after)
      .orderBy('id')
      .limit(PAGE);
    for (const row of rows) {
      const add = (/** @type {number} */ bucket, /** @type {any} */ change) => {
        const key = {
          agent_ref: row.agent_ref,
          day: Math.floor(Number(row.created_at) / DAY_MS),
          created_by: row.created_by,
          on_behalf_of: row.on_behalf_of ?? '',
          agent_owner_ref: row.agent_owner_ref ?? '',
          duration_bucket: bucket,
        };
        const id = JSON.stringify(Object.values(key));
        const sum = sums.get(id) ?? {
          ...key,
          runs: 0,
          succeeded: 0,
          failed: 0,
          cancelled: 0,
          cost_nano_usd: 0,
          last_at: 0,
        };
        for (const [name, value] of Object.entries(change)) {
          sum[name] += value;
        }
        sum.last_at = Math.max(sum.last_at, Number(row.created_at));
        sums.set(id, sum);
      };
      add(-1, { runs: 1 });
      if (['succeeded', 'failed', 'cancelled'].includes(row.status)) {
        // The same scale as in StatsStore, as it was when this was written.
        const bucket =
          row.duration_ms === null
            ? -1
            : Math.round(8 * Math.log2(Number(row.duration_ms) + 1));
        add(bucket, {
          [row.status]: 1,
          cost_nano_usd: Number(row.cost_nano_usd),
        });
      }
    }
    if (rows.length < PAGE) {
      break;
    }
    after = rows[rows.length - 1].id;
  }
  const all = [...sums.values()];
  for (let i = 0; i < all.length; i += 100) {
    await knex('orchestration_daily_stats').insert(all.slice(i, i + 100));
  }
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
