// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('agent_approvals', table => {
    table
      .text('content')
      .comment('JSON: what lists do not show, such as arguments and messages');
    table.string('delegation_id', 36).comment('The work that it is part of');
  });

  // Those who asked, or for whom it is done, are found like everybody else.
  for (const column of ['requested_by', 'person_ref']) {
    await knex
      .into(knex.raw('agent_approval_parties (approval_id, ref, role)'))
      .insert(
        knex('agent_approvals')
          .whereNotNull(column)
          .select('id', column, knex.raw("'requester'")),
      )
      .onConflict(['approval_id', 'ref', 'role'])
      .ignore();
  }

  await knex.schema.createTable('agent_approval_decisions', table => {
    table.comment('When people approved or rejected something');
    table.string('approval_id', 36).notNullable();
    table.string('ref', 255).notNullable();
    table.bigInteger('decided_at').notNullable();
    table.bigInteger('asked_at').notNullable();
    table.string('decision', 16).notNullable();
    table.primary(['approval_id', 'ref', 'decided_at']);
    table.index(['ref', 'decided_at'], 'agent_approval_decisions_person_idx');
    table.index(['decided_at'], 'agent_approval_decisions_time_idx');
  });

  await knex.schema.createTable('agent_approval_news', table => {
    table.comment('What has to be told of requests, until it was');
    table.string('id', 36).primary();
    table
      .bigInteger('due_at')
      .notNullable()
      .comment('When somebody else may tell it');
    table.integer('tries').notNullable();
    table.text('payload').notNullable();
    table.index(['due_at'], 'agent_approval_news_due_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('agent_approval_news');
  await knex.schema.dropTable('agent_approval_decisions');
  await knex('agent_approval_parties').where('role', 'requester').delete();
  await knex.schema.alterTable('agent_approvals', table => {
    table.dropColumn('content');
    table.dropColumn('delegation_id');
  });
};
