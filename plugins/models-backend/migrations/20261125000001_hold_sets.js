// @ts-check

const { createHash } = require('node:crypto');

const PAGE = 500;

/** Columns of the ledger that most rows leave empty, with an index each. */
const SPARSE = [
  'route',
  'agent',
  'owner',
  'system',
  'domain',
  'user',
  'run',
  'key',
];

/**
 * What a call holds on is a set of counters that many calls share. So a call
 * holds by its own row in the ledger, which points at the set, instead of by a
 * row for each budget.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_hold_sets', table => {
    table.comment('Sets of counters that calls hold on');
    table.increments('id');
    table.string('digest', 44).notNullable().unique();
    table.bigInteger('created_at').notNullable().comment('ms, UTC');
  });
  await knex.schema.createTable('model_hold_set_counters', table => {
    table.comment('Which counters are in a set');
    table.integer('set_id').notNullable();
    table.string('counter_id', 24).notNullable();
    table
      .bigInteger('window_start')
      .comment('ms, UTC, for a budget; null for a rate limit');
    table.primary(['set_id', 'counter_id']);
    table.index(['counter_id'], 'model_hold_set_counters_counter_idx');
  });
  await knex.schema.createTable('model_rate_counters', table => {
    table.comment('How much of each rate limit is taken');
    table.string('limit_id', 24).primary();
    table
      .bigInteger('arrival_us')
      .notNullable()
      .defaultTo(0)
      .comment('When what was taken will have flowed in again; us, UTC');
    table
      .integer('in_use')
      .notNullable()
      .defaultTo(0)
      .comment('Calls under way');
  });
  await knex.schema.alterTable('model_calls', table => {
    table.integer('hold_set_id');
    table.bigInteger('hold_expires_at').comment('ms, UTC');
    table.string('instance_id', 24).comment('The process that called');
  });
  for (const column of SPARSE) {
    const name = column === 'run' ? 'run_id' : `${column}_id`;
    await knex.raw(`drop index model_calls_${column}_idx`);
    await knex.raw(
      `create index model_calls_${column}_idx on model_calls (${name}, created_at) where ${name} is not null`,
    );
  }
  await convertHolds(knex);
  await knex.schema.dropTable('model_budget_holds');
};

/**
 * @param {import('knex').Knex} knex
 */
async function convertHolds(knex) {
  /** @type {Map<string, number>} */
  const sets = new Map();
  for (let after = ''; ; ) {
    const attempts = await knex('model_budget_holds')
      .distinct('attempt_id')
      .where('attempt_id', '>', after)
      .orderBy('attempt_id')
      .limit(PAGE);
    if (attempts.length === 0) {
      return;
    }
    const ids = attempts.map(row => row.attempt_id);
    after = ids[ids.length - 1];
    const rows = await knex('model_budget_holds')
      .whereIn('attempt_id', ids)
      .orderBy(['attempt_id', 'budget_id']);
    for (const id of ids) {
      const holds = rows.filter(row => row.attempt_id === id);
      await knex('model_calls')
        .where({ id })
        .update({
          hold_set_id: await setOf(knex, sets, holds),
          hold_expires_at: holds[0].expires_at,
          instance_id: holds[0].instance_id,
        });
    }
  }
}

/**
 * @param {import('knex').Knex} knex
 * @param {Map<string, number>} sets
 * @param {Array<{ budget_id: string; window_start: string | number }>} holds
 */
async function setOf(knex, sets, holds) {
  const text = holds
    .map(hold => `${hold.budget_id} ${hold.window_start}`)
    .join(',');
  const known = sets.get(text);
  if (known !== undefined) {
    return known;
  }
  const digest = createHash('sha256').update(text).digest('base64');
  await knex('model_hold_sets').insert({ digest, created_at: Date.now() });
  const { id } = await knex('model_hold_sets').where({ digest }).first('id');
  await knex('model_hold_set_counters').insert(
    holds.map(hold => ({
      set_id: id,
      counter_id: hold.budget_id,
      window_start: hold.window_start,
    })),
  );
  sets.set(text, id);
  return id;
}

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.createTable('model_budget_holds', table => {
    table.comment('What an attempt holds on a budget until it is settled');
    table.string('attempt_id', 24).notNullable();
    table.string('budget_id', 24).notNullable();
    table.bigInteger('window_start').notNullable();
    table.bigInteger('held_nano_usd').notNullable();
    table
      .string('state', 12)
      .notNullable()
      .comment('held, settled, unreconciled');
    table.bigInteger('expires_at').notNullable().comment('ms, UTC');
    table.string('instance_id', 24).notNullable();
    table.primary(['attempt_id', 'budget_id']);
    table.index(
      ['budget_id', 'window_start', 'state'],
      'model_budget_holds_window_idx',
    );
    table.index(['expires_at'], 'model_budget_holds_open_idx', {
      predicate: knex.whereRaw("state = 'held'"),
    });
  });
  await knex.raw(`
    insert into model_budget_holds
      (attempt_id, budget_id, window_start, held_nano_usd, state, expires_at, instance_id)
    select c.id, s.counter_id, s.window_start, coalesce(c.held_nano_usd, 0),
      case c.status
        when 'started' then 'held'
        when 'unreconciled' then 'unreconciled'
        else 'settled'
      end,
      coalesce(c.hold_expires_at, 0), coalesce(c.instance_id, '')
    from model_calls c
    join model_hold_set_counters s on s.set_id = c.hold_set_id
    where s.window_start is not null
  `);
  for (const column of SPARSE) {
    const name = column === 'run' ? 'run_id' : `${column}_id`;
    await knex.raw(`drop index model_calls_${column}_idx`);
    await knex.raw(
      `create index model_calls_${column}_idx on model_calls (${name}, created_at)`,
    );
  }
  for (const column of ['hold_set_id', 'hold_expires_at', 'instance_id']) {
    await knex.raw(`alter table model_calls drop column ${column}`);
  }
  await knex.schema.dropTable('model_rate_counters');
  await knex.schema.dropTable('model_hold_set_counters');
  await knex.schema.dropTable('model_hold_sets');
};
