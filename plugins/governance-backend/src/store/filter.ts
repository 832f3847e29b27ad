import { isSqlite } from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';

/**
 * One condition of a permission rule on entries.
 *
 * @public
 */
export interface AuditCriterion {
  key: 'agentOwner' | 'person';
  values: string[];
}

/** The conditions of the indexes on rare values; see the migration. */
const RARE_TYPES = [
  'credential',
  'delegation',
  'policy-change',
  'entity-change',
  'approval',
  'other',
];
const RARE_OUTCOMES = ['denied', 'failed'];

/** Which entries are asked for. Times in milliseconds. */
export interface EntryFilter {
  from?: number;
  to?: number;
  type?: AuditRecord['type'][];
  outcome?: AuditRecord['outcome'][];
  actor?: string;
  agentRef?: string;
  personRef?: string;
  resource?: string;
  runId?: string;
  text?: string;
  /** What the caller may read; everything unless given. */
  allowed?: PermissionCriteria<AuditCriterion>;
}

/** The persons for whom a filter has to know the subjects. */
export function personsOf(filter: EntryFilter): string[] {
  const inCriteria = (
    criteria: PermissionCriteria<AuditCriterion>,
  ): string[] => {
    if ('allOf' in criteria) return criteria.allOf.flatMap(inCriteria);
    if ('anyOf' in criteria) return criteria.anyOf.flatMap(inCriteria);
    if ('not' in criteria) return inCriteria(criteria.not);
    return criteria.values;
  };
  return [
    filter.personRef,
    filter.actor,
    filter.resource,
    ...(filter.allowed ? inCriteria(filter.allowed) : []),
  ].flatMap(ref => (ref?.match(/^user:/i) ? ref.toLowerCase() : []));
}

/**
 * Adds a filter to a query on entries, or on counts of them, but for its times.
 *
 * @param subjects - of the persons of {@link personsOf}
 */
export function applyFilter(
  query: Knex.QueryBuilder,
  knex: Knex,
  filter: EntryFilter,
  subjects: ReadonlyMap<string, string>,
  table: 'audit_entries' | 'audit_counts' = 'audit_entries',
): void {
  const nameOf = (ref: string) => subjects.get(ref.toLowerCase()) ?? ref;
  const about = (place: Knex.QueryBuilder, refs: string[]) => {
    const named = refs.flatMap(ref => subjects.get(ref.toLowerCase()) ?? []);
    if (table === 'audit_counts') {
      const find = isSqlite(knex) ? 'instr' : 'strpos';
      place.whereRaw(
        // A subject is in no other one: all are of one length.
        `(${
          named.map(() => `${find}(subjects, ?) > 0`).join(' or ') || '1 = 0'
        })`,
        named,
      );
      return;
    }
    place.whereExists(
      knex('audit_entry_subjects as named')
        .select(knex.raw('1'))
        .where('named.tree', knex.ref('audit_entries.tree'))
        .where('named.seq', knex.ref('audit_entries.seq'))
        .whereIn('named.subject', named),
    );
  };
  const allow = (
    place: Knex.QueryBuilder,
    criteria: PermissionCriteria<AuditCriterion>,
  ): void => {
    if ('allOf' in criteria) {
      criteria.allOf.forEach(each => place.andWhere(p => allow(p, each)));
    } else if ('anyOf' in criteria) {
      criteria.anyOf.forEach(each => place.orWhere(p => allow(p, each)));
    } else if ('not' in criteria) {
      place.whereNot(p => allow(p, criteria.not));
    } else if (criteria.key === 'person') {
      about(place, criteria.values);
    } else {
      // Older entries have owners who are persons by their refs.
      const owners = criteria.values.flatMap(ref => [ref, nameOf(ref)]);
      for (const column of ['agent_owner_ref', 'resource_owner_ref']) {
        // Without an owner nobody owns it, whatever stands around this condition.
        place.orWhere(owned =>
          owned.whereNotNull(column).whereIn(column, [...new Set(owners)]),
        );
      }
    }
  };

  const oneOf = (column: string, values: string[], rare: string[]) => {
    query.whereIn(column, values);
    if (values.every(value => rare.includes(value))) {
      const list = rare.map(value => `'${value}'`).join(', ');
      query.whereRaw(`${column} in (${list})`);
    }
  };
  if (filter.type?.length) oneOf('type', filter.type, RARE_TYPES);
  if (filter.outcome?.length) oneOf('outcome', filter.outcome, RARE_OUTCOMES);
  if (filter.actor?.startsWith('agent:')) {
    query.where('agent_ref', filter.actor).whereNull('actor');
  } else if (filter.actor) {
    query.where('actor', nameOf(filter.actor));
  }
  if (filter.agentRef) query.where('agent_ref', filter.agentRef);
  if (filter.resource) query.where('resource', nameOf(filter.resource));
  if (filter.runId) query.where('run_id', filter.runId);
  if (filter.personRef) {
    const { personRef } = filter;
    query.andWhere(place => about(place, [personRef]));
  }
  if (filter.text) {
    const said = JSON.stringify(filter.text).slice(1, -1);
    query.whereRaw(
      `body ${isSqlite(knex) ? 'like' : 'ilike'} ? escape '\\'`,
      `%${said.replace(/[\\%_]/g, '\\$&')}%`,
    );
  }
  if (filter.allowed) {
    const { allowed } = filter;
    query.andWhere(place => allow(place, allowed));
  }
}
