import type { Knex } from 'knex';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Backstage keeps what each subject of a token owns, and never forgets one. Of delegations
 * there is one for each run, and no token of one lives for a day.
 */
export async function forgetOwnership(
  client: Knex,
  now = Date.now(),
): Promise<void> {
  const before = new Date(now - DAY_MS).toISOString();
  await client('user_info')
    .where('user_entity_ref', 'like', 'delegation:%')
    // The form in which the auth plugin writes it.
    .where('updated_at', '<', before.replace('T', ' ').replace('Z', ''))
    .delete();
}
