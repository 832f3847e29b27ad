// @ts-check

/** By whom it is decided who may read a run. */
const READERS = ['agent_owner_ref', 'created_by', 'on_behalf_of'];

/**
 * What lists ask for. With the status and the readers in the index, rows of others are
 * not read to find out that they are not meant.
 *
 * @type {Array<[index: string, column: string, more: string[]]>}
 */
const LISTED_BY = [
  ['orchestration_runs_creator_idx', 'created_by', []],
  ['orchestration_runs_obo_idx', 'on_behalf_of', []],
  ['orchestration_runs_owner_idx', 'agent_owner_ref', []],
  ['orchestration_runs_agent_idx', 'agent_ref', READERS],
  ['orchestration_runs_trigger_idx', 'trigger_id', READERS],
  ['orchestration_runs_started_by_idx', 'started_by_type', READERS],
];

/**
 * @param {import('knex').Knex} knex
 * @param {boolean} isCovering
 */
async function indexAnew(knex, isCovering) {
  for (const [index] of LISTED_BY) {
    await knex.raw('drop index ??', [index]);
  }
  await knex.schema.alterTable('orchestration_runs', table => {
    LISTED_BY.forEach(([index, column, more]) =>
      table.index(
        [
          column,
          'created_at',
          'id',
          ...(isCovering ? ['status', ...more] : []),
        ],
        index,
      ),
    );
  });
}

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await indexAnew(knex, true);
  await knex.schema.alterTable('orchestration_runs', table => {
    table.index(
      ['status', 'created_at', 'id'],
      'orchestration_runs_status_idx',
    );
    table.index(['status', 'id'], 'orchestration_runs_waiting_idx');
  });
  await knex.raw('drop index orchestration_firings_status_idx');
  await knex.schema.alterTable('orchestration_firings', table => {
    table.index(
      ['status', 'trigger_id', 'at', 'id'],
      'orchestration_firings_status_idx',
    );
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop index orchestration_firings_status_idx');
  await knex.schema.alterTable('orchestration_firings', table => {
    table.index(['status', 'at'], 'orchestration_firings_status_idx');
  });
  await indexAnew(knex, false);
  await knex.raw('drop index orchestration_runs_status_idx');
  await knex.raw('drop index orchestration_runs_waiting_idx');
};
