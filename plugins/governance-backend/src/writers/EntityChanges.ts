import { canonicalText } from '@agentportal/audit-log';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import type { AuthService } from '@backstage/backend-plugin-api';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { Knex } from 'knex';
import { hash } from 'node:crypto';

const PAGE = 500;
const FILTER: Array<Record<string, string | string[]>> = [
  { kind: ['Agent', 'Tool', 'Model'] },
  { kind: 'API', 'spec.type': 'mcp-server' },
];
/** What tells whether one has changed. */
const FIELDS = [
  'kind',
  'metadata.namespace',
  'metadata.name',
  'metadata.uid',
  'metadata.etag',
];
/** What says nothing about the entity itself. */
const NOT_SAID = new Set(['uid', 'etag', 'generation']);

interface Known {
  entity_ref: string;
  uid: string;
  /** How many changes were recorded; gives each of them an id of its own. */
  revision: number;
  etag: string;
  parts: string;
}

/**
 * Records what came, changed and went in the catalog of the kinds that agents are made
 * of, by comparing it with what it was. The catalog tells of changes by events that may
 * be lost; this loses none, however long the portal was away.
 */
export class EntityChanges {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #knex: Knex;
  readonly #record: (records: AuditRecord[]) => Promise<unknown>;

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    knex: Knex;
    record: (records: AuditRecord[]) => Promise<unknown>;
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#knex = options.knex;
    this.#record = options.record;
  }

  /** Compares the whole catalog; what was not recorded yet is the next time. */
  async look(signal: AbortSignal): Promise<void> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const there = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await this.#catalog.queryEntities(
        cursor
          ? { cursor, fields: FIELDS, limit: PAGE }
          : {
              fields: FIELDS,
              filter: FILTER,
              limit: PAGE,
              orderFields: [{ field: 'metadata.uid', order: 'asc' }],
            },
        { credentials },
      );
      page.items.forEach(entity => there.add(stringifyEntityRef(entity)));
      const changed = await this.#changedOf(page.items);
      if (changed.length) {
        const { items } = await this.#catalog.getEntitiesByRefs(
          { entityRefs: changed },
          { credentials },
        );
        await this.#compare(items.filter(entity => entity !== undefined));
      }
      cursor = page.pageInfo.nextCursor;
    } while (cursor && !signal.aborted);
    if (!signal.aborted) {
      await this.#compareGone(there);
    }
  }

  /** Refs of those that are not as they were, so that only they are read whole. */
  async #changedOf(entities: Entity[]): Promise<string[]> {
    const refs = entities.map(entity => stringifyEntityRef(entity));
    const rows: Known[] = await this.#knex('audit_entities')
      .select('entity_ref', 'uid', 'etag')
      .whereIn('entity_ref', refs);
    const known = new Map(rows.map(row => [row.entity_ref, row]));
    return refs.filter((ref, i) => {
      const { etag = '', uid = '' } = entities[i].metadata;
      const row = known.get(ref);
      return row?.etag !== etag || row.uid !== uid;
    });
  }

  async #compare(entities: Entity[]): Promise<void> {
    const rows: Known[] = await this.#knex('audit_entities').whereIn(
      'entity_ref',
      entities.map(stringifyEntityRef),
    );
    const known = new Map(rows.map(row => [row.entity_ref, row]));
    const records: AuditRecord[] = [];
    const now: Known[] = [];
    for (const entity of entities) {
      const ref = stringifyEntityRef(entity);
      const before = known.get(ref);
      const { etag = '', uid = '' } = entity.metadata;
      const parts = partsOf(entity);
      const row: Known = {
        entity_ref: ref,
        uid,
        revision: (before?.revision ?? 0) + 1,
        etag,
        parts: JSON.stringify(parts),
      };
      now.push(row);
      const old = before && (JSON.parse(before.parts) as typeof parts);
      const changed = old
        ? [...new Set([...Object.keys(old), ...Object.keys(parts)])].filter(
            key => old[key] !== parts[key],
          )
        : [];
      if (!old || changed.length) {
        records.push(
          recordOf(row, old ? 'entity.change' : 'entity.add', {
            ...(old && { changed }),
            digest: digestOf(parts),
            location:
              entity.metadata.annotations?.['backstage.io/managed-by-location'],
          }),
        );
      }
    }
    if (records.length) {
      await this.#record(records);
    }
    if (now.length) {
      await this.#knex('audit_entities')
        .insert(now)
        .onConflict('entity_ref')
        .merge();
    }
  }

  async #compareGone(there: ReadonlySet<string>): Promise<void> {
    const rows: Known[] = await this.#knex('audit_entities').select(
      'entity_ref',
      'uid',
      'revision',
    );
    const gone = rows.filter(row => !there.has(row.entity_ref));
    for (let at = 0; at < gone.length; at += PAGE) {
      const some = gone.slice(at, at + PAGE);
      await this.#record(some.map(row => recordOf(row, 'entity.remove', {})));
      await this.#knex('audit_entities')
        .whereIn(
          'entity_ref',
          some.map(row => row.entity_ref),
        )
        .delete();
    }
  }
}

/** Has the same id when it is recorded again, so that it is there once. */
function recordOf(
  { entity_ref: ref, uid, revision }: Known,
  action: string,
  data: Record<string, unknown>,
): AuditRecord {
  const id = hash('sha256', JSON.stringify([ref, uid, revision, action]));
  return {
    id: `entity-${id.slice(0, 48)}`,
    type: 'entity-change',
    action,
    actor: { type: 'service', ref: 'plugin:catalog' },
    outcome: 'succeeded',
    resource: ref,
    ...(ref.startsWith('agent:') && { agentRef: ref }),
    data: JSON.parse(JSON.stringify(data)),
  };
}

/** A digest of each part of an entity. */
function partsOf(entity: Entity): Record<string, string> {
  return Object.fromEntries(
    [
      ...Object.entries(entity.metadata)
        .filter(([key]) => !NOT_SAID.has(key))
        .map(([key, value]) => [`metadata.${key}`, value] as const),
      ...Object.entries(entity.spec ?? {}).map(
        ([key, value]) => [`spec.${key}`, value] as const,
      ),
    ].map(([key, value]) => [key, digestOf(value)]),
  );
}

function digestOf(value: unknown): string {
  return hash('sha256', canonicalText(value), 'base64url').slice(0, 22);
}
