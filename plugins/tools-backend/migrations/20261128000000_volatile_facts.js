// @ts-check

const STATS_DAYS = 31;
const DAY_MS = 24 * 3600 * 1000;

const TIERS = ['read', 'write', 'external', 'critical'];

/**
 * The higher of what the hints of a tool amount to and what it has counted as.
 *
 * @param {{ annotations: string | null, risk_tier: string }} tool
 */
function tierSoFar({ annotations, risk_tier }) {
  const hints = JSON.parse(annotations ?? '{}');
  let hinted = 'critical';
  if (hints.readOnlyHint === true) {
    hinted = 'read';
  } else if (hints.destructiveHint === false) {
    hinted = hints.openWorldHint === true ? 'external' : 'write';
  }
  // No hint says `forbidden`; that is the word of people, who may take it back.
  const counted = risk_tier === 'forbidden' ? 'critical' : risk_tier;
  return TIERS[Math.max(TIERS.indexOf(hinted), TIERS.indexOf(counted))];
}

/**
 * What changes at each visit is a fact of the server and not of its tools, and what
 * is shown of calls is counted when they are made.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('servers', table => {
    table
      .boolean('is_backstage_actions')
      .notNullable()
      .defaultTo(false)
      .comment("Backstage's own action server");
    table
      .boolean('is_verified')
      .notNullable()
      .defaultTo(false)
      .comment('What it says of its own tools counts');
    table
      .integer('failures')
      .notNullable()
      .defaultTo(0)
      .comment('Visits that failed since the last answer');
    table
      .bigInteger('absent_since')
      .nullable()
      .comment('Since when the catalog does not name it, ms UTC');
  });
  await knex.schema.alterTable('tools', table => {
    table
      .string('hinted_tier')
      .notNullable()
      .defaultTo('read')
      .comment('Highest risk tier that the hints of the server came to');
    table
      .text('invalid_reason')
      .nullable()
      .comment('Why it cannot be used, in a sentence');
    table
      .bigInteger('invalid_until')
      .nullable()
      .comment('Until when that counts, ms UTC; for good when null');
  });
  /** @type {Record<string, string[]>} */
  const names = Object.fromEntries(TIERS.map(tier => [tier, []]));
  for (const tool of await knex('tools').select(
    'name',
    'annotations',
    'risk_tier',
  )) {
    names[tierSoFar(tool)].push(tool.name);
  }
  for (const [tier, all] of Object.entries(names)) {
    for (let i = 0; i < all.length; i += 200) {
      await knex('tools')
        .whereIn('name', all.slice(i, i + 200))
        .update({ hinted_tier: tier });
    }
  }
  await knex.schema.createTable('gone_tools', table => {
    table.comment('Tools that a server does not list any more');
    table.string('ref').primary();
    table.string('server_ref').notNullable();
    table.string('hinted_tier').notNullable();
    table.bigInteger('gone_at').notNullable().comment('ms UTC');
    table.index(['server_ref', 'gone_at'], 'gone_tools_server_idx');
    table.index(['gone_at'], 'gone_tools_gone_at_idx');
  });
  // As plain SQL: knex copies whole tables on SQLite.
  await knex.raw('alter table tools drop column status');
  await knex.raw('alter table tools drop column last_seen_at');

  await knex.schema.alterTable('registry_state', table => {
    table
      .bigInteger('catalog_changed_at')
      .notNullable()
      .defaultTo(0)
      .comment('When a process was told that the catalog changed, ms UTC');
  });

  await knex.schema.createTable('tool_call_days', table => {
    table.comment('Calls that reached a tool, by day and duration');
    table.string('tool_name').notNullable();
    table.integer('day').notNullable().comment('Days since 1970, UTC');
    table
      .integer('duration_class')
      .notNullable()
      .comment('Class n holds durations below 1.1 to the power of n, in ms');
    table.integer('calls').notNullable();
    table.integer('errors').notNullable();
    table.primary(['tool_name', 'day', 'duration_class']);
    table.index(['day'], 'tool_call_days_day_idx');
  });
  const calls = await knex('tool_calls')
    .where('started_at', '>=', Date.now() - STATS_DAYS * DAY_MS)
    .andWhere(where =>
      where
        .whereNull('error_code')
        .orWhereNotIn('error_code', ['denied', 'invalid_arguments']),
    )
    .select('tool_name', 'duration_ms')
    .select(knex.raw(`started_at / ${DAY_MS} as day`))
    .select(knex.raw('count(*) as calls'))
    .select(knex.raw('sum(case when ok then 0 else 1 end) as errors'))
    .groupBy('tool_name', 'duration_ms', 'day');
  for (const call of calls) {
    await knex('tool_call_days')
      .insert({
        tool_name: call.tool_name,
        day: Number(call.day),
        duration_class: Math.ceil(
          Math.log(Math.max(0, call.duration_ms) + 1) / Math.log(1.1),
        ),
        calls: Number(call.calls),
        errors: Number(call.errors),
      })
      .onConflict(['tool_name', 'day', 'duration_class'])
      .merge({
        calls: knex.raw('tool_call_days.calls + excluded.calls'),
        errors: knex.raw('tool_call_days.errors + excluded.errors'),
      });
  }
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('tool_call_days');
  await knex.schema.dropTable('gone_tools');
  await knex.schema.alterTable('tools', table => {
    table.string('status').notNullable().defaultTo('stale');
    table.bigInteger('last_seen_at').notNullable().defaultTo(0);
  });
  for (const [table, column] of [
    ['tools', 'hinted_tier'],
    ['tools', 'invalid_reason'],
    ['tools', 'invalid_until'],
    ['servers', 'is_backstage_actions'],
    ['servers', 'is_verified'],
    ['servers', 'failures'],
    ['servers', 'absent_since'],
    ['registry_state', 'catalog_changed_at'],
  ]) {
    await knex.raw('alter table ?? drop column ??', [table, column]);
  }
};
