import { narrowToPage, readPage } from '@agentportal/plugin-agents-node';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  isAndCriteria,
  isNotCriteria,
  isOrCriteria,
} from '@backstage/plugin-permission-node';
import type { Knex } from 'knex';
import type { ApprovalRecord, ListedApproval } from './ApprovalRecord';
import { type ApprovalRow, APPROVALS, LISTED, toRecord } from './approvalRows';
import { PARTIES, type PartyRole } from './parties';

/** So many groups of somebody are looked through one by one, the others together. */
const REFS_ALONE = 50;
const CLOSED = ['approved', 'rejected', 'expired', 'withdrawn', 'answered'];

/** Refs of which one must be a party. */
export interface PartyFilter {
  claims: string[];
}

/** Which requests a list holds; all that is given must hold. */
export interface ApprovalFilter {
  /** Refs of which one must have the role. */
  party?: { refs: readonly string[]; role: PartyRole };
  /** Who must be able to decide it still, as far as only they are concerned. */
  notBarred?: string;
  status?: readonly string[];
  kind?: readonly string[];
  agentRef?: string;
  toolRef?: string;
  closedSince?: number;
  /** What the permission policy says. */
  allowed?: PermissionCriteria<PartyFilter>;
  /** Claims of the policy that hold for a person hold for these too, whose deputy it is. */
  alsoFor?: { ref: string; refs: readonly string[] };
}

/**
 * Reads many requests. Those of a person are the first ones of a few ranges of the index of
 * parties, one for each of their groups, however many requests there are.
 */
export class ApprovalLists {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** A page without what only the requests themselves show, the newest first. */
  async page(
    filter: ApprovalFilter,
    page: { limit: number; cursor?: string },
  ): Promise<{ items: ListedApproval[]; nextCursor?: string }> {
    const select = this.#knex(APPROVALS).select(LISTED);
    const party = partyOf(filter);
    if (party?.refs.length === 0) {
      return { items: [] };
    }
    if (party) {
      const alone = party.refs.slice(0, REFS_ALONE).map(ref => [ref]);
      const others = party.refs.slice(REFS_ALONE);
      const parts = [...alone, ...(others.length ? [others] : [])].flatMap(
        refs =>
          opennessOf(filter).map(isOpen => {
            const part = this.#ofParty({ ...party, refs }, isOpen, filter);
            const first = narrowToPage(
              // A request that concerns several of them takes one place of the page.
              part.distinct('party.approval_id', 'party.created_at'),
              { at: 'party.created_at', id: 'party.approval_id' },
              page,
            );
            return this.#knex.select('approval_id').from(first.as('part'));
          }),
      );
      select.whereIn('id', this.#knex.union(parts));
    } else {
      select.modify(where => this.#narrow(where, filter));
      select.modify(where => this.#allow(where, filter, `${APPROVALS}.id`));
    }
    const { rows, nextCursor } = await readPage<ApprovalRow>(
      select,
      'created_at',
      page,
    );
    return { items: rows.map(toRecord), ...(nextCursor && { nextCursor }) };
  }

  /** How many match. */
  async count(filter: ApprovalFilter): Promise<number> {
    const party = partyOf(filter);
    if (!party) {
      const [{ n }] = await this.#knex(APPROVALS)
        .modify(where => this.#narrow(where, filter))
        .modify(where => this.#allow(where, filter, `${APPROVALS}.id`))
        .count({ n: '*' });
      return Number(n);
    }
    let all = 0;
    for (const isOpen of opennessOf(filter)) {
      const [{ n }] = await this.#ofParty(party, isOpen, filter).countDistinct({
        n: 'party.approval_id',
      });
      all += Number(n);
    }
    return all;
  }

  /** The newest of an agent's calls of a tool, whole. */
  async latest(
    filter: ApprovalFilter & { agentRef: string; toolRef: string },
    limit: number,
  ): Promise<ApprovalRecord[]> {
    const { rows } = await readPage<ApprovalRow>(
      this.#knex(APPROVALS)
        .modify(where => this.#narrow(where, filter))
        .modify(where => this.#allow(where, filter, `${APPROVALS}.id`)),
      'created_at',
      { limit },
    );
    return rows.map(toRecord);
  }

  #ofParty(
    { refs, role }: NonNullable<ApprovalFilter['party']>,
    isOpen: boolean,
    filter: ApprovalFilter,
  ): Knex.QueryBuilder {
    const { agentRef, closedSince, kind, notBarred, status, toolRef } = filter;
    const select = this.#knex(`${PARTIES} as party`)
      .whereIn('party.ref', refs)
      .where({ 'party.role': role, 'party.is_open': isOpen });
    if (notBarred) {
      select.whereNotIn(
        'party.approval_id',
        this.#knex(PARTIES)
          .where({ ref: notBarred, role: 'barred', is_open: isOpen })
          .select('approval_id'),
      );
    }
    const isAnyClosed = CLOSED.every(each => !status || status.includes(each));
    if (
      kind ||
      agentRef ||
      toolRef ||
      closedSince !== undefined ||
      (!isOpen && !isAnyClosed)
    ) {
      select.whereExists(request => {
        this.#narrow(request.from(APPROVALS), filter)
          .whereRaw('?? = ??', [`${APPROVALS}.id`, 'party.approval_id'])
          .select(this.#knex.raw('1'));
      });
    }
    return filter.party && !isImplied(filter)
      ? this.#allow(select, filter, 'party.approval_id')
      : select;
  }

  #narrow(select: Knex.QueryBuilder, filter: ApprovalFilter) {
    const { agentRef, closedSince, kind, status, toolRef } = filter;
    if (status) {
      select.whereIn('status', status);
    }
    if (kind) {
      select.whereIn('kind', kind);
    }
    if (agentRef) {
      select.where('agent_ref', agentRef);
    }
    if (toolRef) {
      select.where('tool_ref', toolRef);
    }
    if (closedSince !== undefined) {
      select.where('closed_at', '>=', closedSince);
    }
    return select;
  }

  /** What the policy lets somebody see, of requests with their id in a column. */
  #allow(select: Knex.QueryBuilder, filter: ApprovalFilter, id: string) {
    const { allowed } = filter;
    const isParty =
      (claims: readonly string[]) =>
      (of: Knex.QueryBuilder): void => {
        of.from(PARTIES)
          .whereRaw('?? = ??', [`${PARTIES}.approval_id`, id])
          .whereIn(`${PARTIES}.ref`, claims)
          .where(`${PARTIES}.role`, 'party')
          .select(this.#knex.raw('1'));
      };
    const add = (
      place: Knex.QueryBuilder,
      criteria: PermissionCriteria<PartyFilter>,
    ): void => {
      if (isOrCriteria(criteria)) {
        for (const each of criteria.anyOf) {
          place.orWhere(part => add(part, each));
        }
      } else if (isAndCriteria(criteria)) {
        for (const each of criteria.allOf) {
          place.andWhere(part => add(part, each));
        }
      } else if (isNotCriteria(criteria)) {
        place.whereNot(part => add(part, criteria.not));
      } else {
        place.whereExists(isParty(claimsOf(criteria as PartyFilter, filter)));
      }
    };
    return allowed ? select.andWhere(place => add(place, allowed)) : select;
  }
}

/** By whom a list is found: as it says, or by all that the policy lets them see. */
function partyOf(filter: ApprovalFilter): ApprovalFilter['party'] {
  const { allowed, party } = filter;
  return (
    party ??
    (allowed && 'claims' in allowed
      ? { refs: claimsOf(allowed, filter), role: 'party' }
      : undefined)
  );
}

/** Whether the policy lets them see all that concerns them, so that it needs no asking. */
function isImplied(filter: ApprovalFilter): boolean {
  const { allowed, party } = filter;
  if (!allowed || !party) {
    return true;
  }
  const claims = 'claims' in allowed ? claimsOf(allowed, filter) : [];
  return party.refs.every(ref => claims.includes(ref));
}

function claimsOf(
  { claims }: PartyFilter,
  { alsoFor }: ApprovalFilter,
): string[] {
  return alsoFor && claims.includes(alsoFor.ref)
    ? [...new Set([...claims, ...alsoFor.refs])]
    : claims;
}

/** Whether those that wait are looked through, those that do not, or both. */
function opennessOf({ status }: ApprovalFilter): boolean[] {
  return [true, false].filter(
    isOpen => !status || status.some(each => (each === 'pending') === isOpen),
  );
}
