// @ts-check

/** Requests that are read at once. */
const BATCH = 200;

/**
 * Requests that are older than the columns of lists have what belongs there in their details.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  let after = '';
  for (;;) {
    const rows = await knex('agent_approvals')
      .where('id', '>', after)
      .whereNull('content')
      .orderBy('id')
      .limit(BATCH)
      .select('id', 'created_at', 'details');
    for (const { created_at, details, id } of rows) {
      const { decisions = [], delegationId } = JSON.parse(details);
      if (delegationId) {
        await knex('agent_approvals')
          .where({ id })
          .update({ delegation_id: delegationId });
      }
      for (const { at, by, decision } of decisions) {
        if (decision !== 'answer') {
          await knex('agent_approval_decisions')
            .insert({
              approval_id: id,
              ref: by,
              decided_at: at,
              asked_at: created_at,
              decision,
            })
            .onConflict(['approval_id', 'ref', 'decided_at'])
            .ignore();
        }
      }
    }
    if (rows.length < BATCH) {
      break;
    }
    after = rows[rows.length - 1].id;
  }
};

/** What was filled goes with its columns. */
exports.down = async function down() {};
