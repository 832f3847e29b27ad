// @ts-check

const PARTIES_INDEX = 'agent_approval_parties_idx';
/** Requests that are read at once. */
const BATCH = 200;

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

  await knex.schema.alterTable('agent_approval_parties', table => {
    table.boolean('is_open').comment('Whether the request waits');
    table.bigInteger('created_at').comment('Of the request');
    table.dropIndex(['ref', 'role', 'approval_id'], PARTIES_INDEX);
  });
  /**
   * @param {string} role
   * @param {import('knex').Knex.QueryBuilder} select
   */
  const addRole = (role, select) =>
    knex
      .into(knex.raw('agent_approval_parties (approval_id, ref, role)'))
      .insert(select.select(knex.raw('?', [role])))
      .onConflict(['approval_id', 'ref', 'role'])
      .ignore();
  const parties = () =>
    knex('agent_approval_parties').distinct('approval_id', 'ref');
  for (const column of ['requested_by', 'person_ref']) {
    await addRole(
      'requester',
      knex('agent_approvals').whereNotNull(column).select('id', column),
    );
  }
  await addRole('party', parties());
  await addRole('concerned', parties().where('role', 'asked'));
  await addRole('barred', parties().whereIn('role', ['excluded', 'approver']));
  await knex('agent_approval_parties')
    .whereIn('role', ['excluded', 'approver', 'decider'])
    .delete();
  await knex('agent_approval_parties').update({
    is_open: knex.raw(
      "(select status = 'pending' from agent_approvals where id = approval_id)",
    ),
    created_at: knex.raw(
      '(select created_at from agent_approvals where id = approval_id)',
    ),
  });
  await knex.schema.alterTable('agent_approval_parties', table => {
    table.index(
      ['ref', 'role', 'is_open', 'created_at', 'approval_id'],
      PARTIES_INDEX,
    );
  });

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
  await knex.schema.alterTable('agent_approval_parties', table => {
    table.dropIndex([], PARTIES_INDEX);
    table.dropColumn('is_open');
    table.dropColumn('created_at');
    table.index(['ref', 'role', 'approval_id'], PARTIES_INDEX);
  });
  for (const role of ['party', 'requester']) {
    await knex('agent_approval_parties').where({ role }).delete();
  }
  await knex('agent_approval_parties')
    .where('role', 'barred')
    .update({ role: 'excluded' });
  // It lay in the details before.
  for (;;) {
    const rows = await knex('agent_approvals')
      .whereNotNull('content')
      .limit(BATCH);
    for (const { content, delegation_id, details, id } of rows) {
      const before = {
        ...JSON.parse(details),
        ...JSON.parse(content),
        ...(delegation_id && { delegationId: delegation_id }),
      };
      await knex('agent_approvals')
        .where({ id })
        .update({ content: null, details: JSON.stringify(before) });
    }
    if (rows.length < BATCH) {
      break;
    }
  }
  await knex.schema.alterTable('agent_approvals', table => {
    table.dropColumn('content');
    table.dropColumn('delegation_id');
  });
};
