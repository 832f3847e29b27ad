// @ts-check

const INDEX = 'orchestration_runs_kept_idx';

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  // Of runs that have ended and of which more is kept than what was asked and answered. No
  // open run is in it, so signs of life do not write to it.
  await knex.raw(
    'create index ?? on orchestration_runs (agent_ref, is_rehearsal, created_at, id, thinned) where finished_at is not null and thinned < 2',
    [INDEX],
  );
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop index ??', [INDEX]);
};
