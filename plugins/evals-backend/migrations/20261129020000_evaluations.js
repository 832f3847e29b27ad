/**
 * Evaluations and what came of each question. A question is a row before it is asked, and is
 * asked by whoever holds it; what it came to is written once.
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('evals_evaluations', table => {
    table.string('id', 36).primary();
    table.string('agent_ref', 255).notNullable();
    table.string('data_set_id', 36).notNullable();
    table.string('data_set_title', 255).notNullable();
    table.integer('data_set_version').notNullable();
    table.string('label', 255).notNullable();
    // JSON of what differs from the version in force.
    table.text('candidate').nullable();
    table.string('baseline_id', 36).nullable();
    table.string('subject_digest', 80).notNullable();
    table.string('status', 16).notNullable();
    table.text('reason').nullable();
    table.integer('trials').notNullable();
    table.integer('cases').notNullable();
    table.integer('passed').notNullable();
    table.integer('failed').notNullable();
    table.integer('incomplete').notNullable();
    table.integer('waiting').notNullable();
    table.integer('without_judge').notNullable();
    table.integer('latency_p50').nullable();
    table.integer('latency_p95').nullable();
    table.bigInteger('cost_nano_usd').nullable();
    table.text('evaluators').notNullable();
    table.bigInteger('created_at').notNullable();
    table.string('created_by', 255).notNullable();
    table.bigInteger('completed_at').nullable();
    table.index(['created_at', 'id']);
    table.index(['agent_ref', 'created_at', 'id']);
    table.index(['data_set_id', 'data_set_version', 'created_at']);
    table.index(['status', 'created_at']);
  });
  await knex.schema.createTable('evals_results', table => {
    table.string('evaluation_id', 36).notNullable();
    table.string('case_id', 100).notNullable();
    table.integer('trial').notNullable();
    table.integer('position').notNullable();
    table.string('case_digest', 80).notNullable();
    table.text('ask').notNullable();
    // waiting, held, done
    table.string('state', 8).notNullable();
    // In milliseconds by the clock of the database: until when it is held, or not asked again.
    table.bigInteger('until').notNullable();
    table.string('holder', 36).nullable();
    table.integer('attempts').notNullable();
    table.integer('turn').notNullable();
    table.string('run_id', 64).nullable();
    table.string('thread_id', 64).nullable();
    table.string('outcome', 16).nullable();
    table.text('answer').nullable();
    table.text('calls').nullable();
    table.text('checks').nullable();
    table.integer('call_count').notNullable();
    table.bigInteger('latency_ms').notNullable();
    table.bigInteger('cost_nano_usd').notNullable();
    table.primary(['evaluation_id', 'case_id', 'trial']);
    table.index(['evaluation_id', 'position', 'case_id']);
    table.index(['state', 'until']);
    table.index(['run_id']);
  });
};

exports.down = async function down(knex) {
  await knex.schema.dropTable('evals_results');
  await knex.schema.dropTable('evals_evaluations');
};
