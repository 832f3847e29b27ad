// @ts-check

/** What the sums of a day are told apart by; 0 stands for none. */
const KEYS = [
  'provider_id',
  'model_id',
  'price_version_id',
  'route_id',
  'agent_id',
  'owner_id',
  'system_id',
  'domain_id',
  'user_id',
  'key_id',
];
const SUMS = [
  'input_uncached',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'input_audio',
  'input_image',
  'output_text',
  'reasoning',
  'output_audio',
  'output_image',
  'cost_nano_usd',
  'saved_by_cache_nano_usd',
  'saved_by_routing_nano_usd',
  'saved_by_compression_nano_usd',
];
const COLUMNS = [
  'day',
  'unreconciled',
  ...KEYS,
  'calls',
  'cached_calls',
  ...SUMS,
].join(', ');
const UPSERT = `on conflict (day, unreconciled, ${KEYS.join(
  ', ',
)}) do update set
  ${['calls', 'cached_calls', ...SUMS]
    .map(
      column => `${column} = model_daily_costs.${column} + excluded.${column}`,
    )
    .join(', ')}`;

/**
 * A call as a row of sums, or what takes it out of them again.
 *
 * @param {string} row
 * @param {1 | -1} sign
 */
function valuesOf(row, sign) {
  return [
    `${row}.created_at / 86400000`,
    `case ${row}.status when 'unreconciled' then 1 else 0 end`,
    ...KEYS.map(key => `coalesce(${row}.${key}, 0)`),
    String(sign),
    `case when ${row}.saved_by_cache_nano_usd is null then 0 else ${sign} end`,
    ...SUMS.map(column => `${sign} * coalesce(${row}.${column}, 0)`),
  ];
}

/**
 * What calls came to on each day, so that nobody has to add up the rows of the
 * ledger. Triggers keep it in the transaction that ends a call, whoever writes it:
 * it has what has ended, and nothing that is under way. Rows that are deleted
 * because they are old stay in it. A migration that makes the ledger's table anew
 * has to make the triggers anew as well.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('model_daily_costs', table => {
    table.comment('Sums over the calls of a day that have ended');
    table.integer('day').notNullable().comment('Days since the epoch, UTC');
    table
      .integer('unreconciled')
      .notNullable()
      .comment('1 for calls whose end was not seen');
    for (const key of KEYS) {
      table.integer(key).notNullable().comment('0 for none');
    }
    for (const column of ['calls', 'cached_calls', ...SUMS]) {
      table.bigInteger(column).notNullable();
    }
    table.primary(['day', 'unreconciled', ...KEYS]);
    for (const key of ['agent', 'owner', 'user', 'key']) {
      table.index([`${key}_id`, 'day'], `model_daily_costs_${key}_idx`);
    }
  });
  if (isPostgres(knex)) {
    await createPostgresTriggers(knex);
  } else {
    await createSqliteTriggers(knex);
  }
  // The triggers hold writers off until this is done.
  const columns = valuesOf('c', 1);
  const groups = columns.slice(0, KEYS.length + 2);
  await knex.raw(
    `insert into model_daily_costs (${COLUMNS})
     select ${groups.join(', ')}, ${columns
      .slice(groups.length)
      .map(value => `sum(${value})`)
      .join(', ')}
     from model_calls c where c.status <> 'started'
     group by ${groups.join(', ')}`,
  );
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  if (isPostgres(knex)) {
    await knex.raw('drop trigger model_daily_costs_insert on model_calls');
    await knex.raw('drop trigger model_daily_costs_update on model_calls');
    await knex.raw('drop function model_daily_costs_add()');
    await knex.raw('drop function model_daily_costs_move()');
  } else {
    for (const name of ['insert', 'leave', 'enter']) {
      await knex.raw(`drop trigger model_daily_costs_${name}`);
    }
  }
  await knex.schema.dropTable('model_daily_costs');
};

/** @param {import('knex').Knex} knex */
async function createSqliteTriggers(knex) {
  /**
   * @param {string} name
   * @param {string} event
   * @param {'old' | 'new'} row
   * @param {1 | -1} sign
   */
  const create = (name, event, row, sign) =>
    knex.raw(
      `create trigger model_daily_costs_${name} after ${event} on model_calls
       when ${row}.status <> 'started'
       begin
         insert into model_daily_costs (${COLUMNS})
         values (${valuesOf(row, sign).join(', ')})
         ${UPSERT};
       end`,
    );
  await create('insert', 'insert', 'new', 1);
  await create('leave', 'update', 'old', -1);
  await create('enter', 'update', 'new', 1);
}

/**
 * One statement for all rows of a batch, in one order, so that processes which
 * write at the same time do not wait for each other in a circle.
 *
 * @param {import('knex').Knex} knex
 */
async function createPostgresTriggers(knex) {
  /** @param {string} rows */
  const add = rows => `
    insert into model_daily_costs (${COLUMNS})
    select day, unreconciled, ${KEYS.join(', ')},
      ${['calls', 'cached_calls', ...SUMS]
        .map(column => `sum(${column})`)
        .join(', ')}
    from (${rows}) as ended (${COLUMNS})
    group by day, unreconciled, ${KEYS.join(', ')}
    order by day, unreconciled, ${KEYS.join(', ')}
    ${UPSERT};`;
  /**
   * @param {string} table
   * @param {1 | -1} sign
   */
  const ended = (table, sign) =>
    `select ${valuesOf('c', sign).join(
      ', ',
    )} from ${table} c where c.status <> 'started'`;
  const create = async (
    /** @type {string} */ name,
    /** @type {string} */ on,
    /** @type {string} */ rows,
  ) => {
    await knex.raw(`
      create function ${name}() returns trigger language plpgsql as $$
      begin
        ${add(rows)}
        return null;
      end $$`);
    await knex.raw(
      `create trigger ${on} for each statement execute function ${name}()`,
    );
  };
  await create(
    'model_daily_costs_add',
    'model_daily_costs_insert after insert on model_calls referencing new table as made',
    ended('made', 1),
  );
  await create(
    'model_daily_costs_move',
    'model_daily_costs_update after update on model_calls referencing old table as before new table as later',
    `${ended('before', -1)} union all ${ended('later', 1)}`,
  );
}

/** @param {import('knex').Knex} knex */
function isPostgres(knex) {
  return String(knex.client.config.client).startsWith('pg');
}
