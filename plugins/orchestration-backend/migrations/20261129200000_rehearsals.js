// @ts-check

/** By whom it is decided who may read a run. */
const READERS = ['agent_owner_ref', 'created_by', 'on_behalf_of'];

/**
 * What lists ask for, which leave rehearsals out without reading their rows.
 *
 * @type {Array<[index: string, columns: string[], more: string[]]>}
 */
const LISTED_BY = [
  ['orchestration_runs_newest_idx', [], []],
  ['orchestration_runs_status_idx', ['status'], []],
  ['orchestration_runs_creator_idx', ['created_by'], ['status']],
  ['orchestration_runs_obo_idx', ['on_behalf_of'], ['status']],
  ['orchestration_runs_owner_idx', ['agent_owner_ref'], ['status']],
  ['orchestration_runs_agent_idx', ['agent_ref'], ['status', ...READERS]],
  ['orchestration_runs_trigger_idx', ['trigger_id'], ['status', ...READERS]],
  [
    'orchestration_runs_started_by_idx',
    ['started_by_type'],
    ['status', ...READERS],
  ],
];

/**
 * @param {import('knex').Knex} knex
 * @param {string[]} more - columns that all have at their end
 */
async function indexAnew(knex, more) {
  for (const [index] of LISTED_BY) {
    await knex.raw('drop index ??', [index]);
  }
  await knex.schema.alterTable('orchestration_runs', table => {
    LISTED_BY.forEach(([index, columns, own]) =>
      table.index([...columns, 'created_at', 'id', ...own, ...more], index),
    );
  });
}

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('orchestration_runs', table => {
    table
      .boolean('is_rehearsal')
      .notNullable()
      .defaultTo(false)
      .comment('Whether tools that do something are left alone');
    table
      .text('rehearsed_answers')
      .comment('What tools answer in a rehearsal, JSON; none, as they would');
    table
      .text('candidate')
      .comment(
        'What a rehearsal tries in place of the definition: its digest, JSON; the words are in the snapshot',
      );
  });
  await knex.schema.alterTable('orchestration_threads', table => {
    table
      .boolean('is_rehearsal')
      .notNullable()
      .defaultTo(false)
      .comment('Whether all its runs are rehearsals; else none is');
  });
  await indexAnew(knex, ['is_rehearsal']);
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // Without the column they would look as if they had done what they only rehearsed.
  const rehearsals = knex('orchestration_runs')
    .where({ is_rehearsal: true })
    .select('id');
  for (const table of ['steps', 'messages', 'events']) {
    await knex(`orchestration_${table}`)
      .whereIn('run_id', rehearsals.clone())
      .delete();
  }
  for (const table of ['orchestration_runs', 'orchestration_threads']) {
    await knex(table).where({ is_rehearsal: true }).delete();
  }
  await indexAnew(knex, []);
  // On SQLite the schema builder would make the tables anew, and what hangs on them would go.
  for (const [table, column] of [
    ['orchestration_threads', 'is_rehearsal'],
    ['orchestration_runs', 'candidate'],
    ['orchestration_runs', 'rehearsed_answers'],
    ['orchestration_runs', 'is_rehearsal'],
  ]) {
    await knex.raw('alter table ?? drop column ??', [table, column]);
  }
};
