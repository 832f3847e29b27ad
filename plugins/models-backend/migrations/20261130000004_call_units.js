// @ts-check

/** What some models are paid by instead of tokens. */
const UNITS = [
  'characters',
  'images',
  'audio_seconds',
  'search_units',
  'compute_seconds',
];

/** @param {import('knex').Knex} knex */
exports.up = async function up(knex) {
  await knex.schema.alterTable('model_calls', table => {
    for (const unit of UNITS) {
      table.integer(unit);
    }
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  // In its own words, because Knex would make the table anew, without its triggers.
  for (const unit of UNITS) {
    await knex.raw(`alter table model_calls drop column ${unit}`);
  }
};
