// @ts-check

/**
 * Times are milliseconds since the epoch, UTC, as big integers; days are counted since then; money is nano-USD.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_experiments', table => {
    table.comment('Two versions of an agent on live traffic');
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('title', 100).notNullable();
    table.text('hypothesis');
    table.text('candidate').notNullable().comment('JSON');
    table.string('metric', 16).notNullable();
    table.text('guards').notNullable().comment('JSON, a list of metrics');
    table.double('smallest_difference').notNullable();
    table.boolean('ramp').notNullable();
    table.string('status', 16).notNullable();
    table.double('share').notNullable();
    table
      .integer('step')
      .notNullable()
      .comment('How often the share was changed');
    table.bigInteger('step_at').notNullable();
    table.bigInteger('started_at').notNullable();
    table.string('started_by', 255).notNullable();
    table.bigInteger('ended_at');
    table.bigInteger('read_until').comment('Of runs that ended');
    table.text('figures').comment('JSON, as they were counted last');
    table.bigInteger('figures_at');
    table.index(['started_at', 'id'], 'evals_experiments_newest_idx');
    table.index(
      ['agent_ref', 'started_at', 'id'],
      'evals_experiments_agent_idx',
    );
    table.index(['status', 'started_at', 'id'], 'evals_experiments_status_idx');
  });
  // Of two that are started at the same moment one is refused.
  await knex.raw(
    "CREATE UNIQUE INDEX evals_experiments_one_idx ON evals_experiments (agent_ref) WHERE status = 'running'",
  );
  await knex.schema.createTable('evals_experiment_log', table => {
    table.comment('What was decided about an experiment');
    table.increments('id');
    table
      .string('experiment_id', 36)
      .notNullable()
      .references('id')
      .inTable('evals_experiments')
      .onDelete('CASCADE');
    table.bigInteger('at').notNullable();
    table.text('what').notNullable();
    table.string('decided_by', 255).comment('Null where it decided by itself');
    table.index(['experiment_id', 'id'], 'evals_experiment_log_idx');
  });
  await knex.schema.createTable('evals_experiment_runs', table => {
    table.comment('What became of each run; a run is counted once');
    table.string('run_id', 128).primary();
    table
      .string('experiment_id', 36)
      .notNullable()
      .references('id')
      .inTable('evals_experiments')
      .onDelete('CASCADE');
    table.integer('step').notNullable();
    table
      .string('unit', 64)
      .notNullable()
      .comment('Who was assigned, as a digest that names nobody');
    table.integer('candidate').notNullable().comment('1, or 0');
    table.integer('failed').notNullable();
    table.bigInteger('duration_ms').notNullable();
    table.bigInteger('cost_nano_usd').notNullable();
    table.index(
      ['experiment_id', 'step', 'candidate', 'unit'],
      'evals_experiment_runs_units_idx',
    );
  });
  await knex.schema.createTable('evals_experiment_days', table => {
    table.comment('How the metric stood at the end of each UTC day');
    table
      .string('experiment_id', 36)
      .notNullable()
      .references('id')
      .inTable('evals_experiments')
      .onDelete('CASCADE');
    table.integer('day').notNullable();
    table.double('value').notNullable();
    table.double('low').notNullable();
    table.double('high').notNullable();
    table.integer('runs').notNullable();
    table.primary(['experiment_id', 'day']);
  });
};

/** @param {import('knex').Knex} knex */
exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_experiment_days');
  await knex.schema.dropTable('evals_experiment_runs');
  await knex.schema.dropTable('evals_experiment_log');
  await knex.schema.dropTable('evals_experiments');
};
