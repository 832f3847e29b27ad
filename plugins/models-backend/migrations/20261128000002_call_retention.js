// @ts-check

/**
 * Finds the calls that still hold on counters, which are those of the last days,
 * by their age and by their set.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.raw(
    'create index model_calls_held_idx on model_calls (created_at) where hold_set_id is not null',
  );
  await knex.raw(
    'create index model_calls_hold_set_idx on model_calls (hold_set_id) where hold_set_id is not null',
  );
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.raw('drop index model_calls_held_idx');
  await knex.raw('drop index model_calls_hold_set_idx');
};
