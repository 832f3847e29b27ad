import type { Knex } from 'knex';
import type { ApprovalRecord, ListedApproval } from './ApprovalRecord';
import { standing } from './decide';

/** Where parties lie: a row for each role, so that each list is one range of an index. */
export const PARTIES = 'agent_approval_parties';
/** Rows of parties go into a statement with five parameters each. */
const PARTIES_PER_INSERT = 150;

/** How a request concerns somebody. */
export type PartyRole =
  /** In any way. */
  | 'party'
  | 'asked'
  /** Asked, has asked, or answers for what asks. */
  | 'concerned'
  /** Has asked, or it is done for them. */
  | 'requester'
  /** Must not decide it, or has approved what is asked now. */
  | 'barred';

/** Roles that somebody has for as long as the request is as it is. */
const OF_NOW: PartyRole[] = ['asked', 'barred'];

/** Whom a request concerns. */
export function partiesOf(
  record: ListedApproval,
): Array<{ ref: string; role: PartyRole }> {
  const { concerned = [], decisions, excluded, requirement } = record.details;
  const requester = [record.requestedBy, record.personRef];
  const barred = [...excluded, ...standing(record).map(({ by }) => by)];
  const all = [...requester, ...requirement.refs, ...concerned];
  const roles: Array<[PartyRole, Array<string | undefined>]> = [
    ['party', [...all, ...barred, ...decisions.map(({ by }) => by)]],
    ['asked', requirement.refs],
    ['concerned', all],
    ['requester', requester],
    ['barred', barred],
  ];
  return roles.flatMap(([role, refs]) =>
    [...new Set(refs)].flatMap(ref => (ref ? { ref, role } : [])),
  );
}

/** Writes down whom a request concerns, as it has become. */
export async function writeParties(
  tx: Knex,
  record: ApprovalRecord,
): Promise<void> {
  const own = {
    approval_id: record.id,
    created_at: record.createdAt,
    is_open: record.status === 'pending',
  };
  const of = tx(PARTIES).where('approval_id', record.id);
  await of.clone().whereIn('role', OF_NOW).delete();
  const rows = partiesOf(record).map(party => ({ ...own, ...party }));
  for (let i = 0; i < rows.length; i += PARTIES_PER_INSERT) {
    await tx(PARTIES)
      .insert(rows.slice(i, i + PARTIES_PER_INSERT))
      .onConflict(['approval_id', 'ref', 'role'])
      .ignore();
  }
  if (!own.is_open) {
    await of.update({ is_open: false });
  }
}
