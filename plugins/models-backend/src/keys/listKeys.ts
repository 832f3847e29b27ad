import type { PermissionCriteria } from '@backstage/plugin-permission-common';
import type { Knex } from 'knex';
import { whereCriteria } from '../access/criteria';
import type { OwnerFilter } from '../access/rules';
import { expiryOf, type KeyState, type ModelKey } from './key';
import { type KeyRow, toKey } from './rows';
import { KEYS } from './tables';

/** Which keys a list is about, and where it goes on. */
export interface KeyQuery {
  /** What the caller may see; `undefined` is everything. */
  visible?: PermissionCriteria<OwnerFilter>;
  /** Words of the title, the id or the owner. */
  q?: string;
  ownerRef?: string;
  state?: KeyState;
  /** Only these. */
  ids?: string[];
  limit: number;
  /** Id of the key before the page. */
  before?: string;
}

/** A page of keys, the newest first. */
export async function listKeys(db: Knex, query: KeyQuery): Promise<ModelKey[]> {
  const keys = db<KeyRow>(KEYS).orderBy('id', 'desc').limit(query.limit);
  if (query.before !== undefined) {
    keys.where('id', '<', query.before);
  }
  if (query.ids) {
    keys.whereIn('id', query.ids);
  }
  if (query.ownerRef !== undefined) {
    keys.where('owner_ref', query.ownerRef);
  }
  whereCriteria(keys, query.visible, (where, { ownerRefs }) =>
    where.whereIn('owner_ref', ownerRefs),
  );
  if (query.state) {
    onlyIn(keys, query.state);
  }
  for (const word of (query.q ?? '').split(/\s+/).filter(Boolean)) {
    const pattern = `%${word
      .toLocaleLowerCase('en-US')
      .replace(/[\\%_]/g, '\\$&')}%`;
    keys.where(where => {
      for (const column of ['title', 'id', 'owner_ref']) {
        where.orWhereRaw(`lower(${column}) like ? escape '\\'`, [pattern]);
      }
    });
  }
  const rows: KeyRow[] = await keys;
  return rows.map(toKey);
}

function onlyIn(keys: Knex.QueryBuilder, state: KeyState): void {
  if (state === 'revoked') {
    keys.whereNotNull('revoked_at');
    return;
  }
  keys.whereNull('revoked_at');
  const { after, upTo } = expiryOf(state, Date.now());
  if (upTo !== undefined) {
    keys.where('expires_at', '<=', upTo);
  }
  if (after !== undefined) {
    keys.where((where: Knex.QueryBuilder) => {
      where.where('expires_at', '>', after);
      if (upTo === undefined) {
        where.orWhereNull('expires_at');
      }
    });
  }
}
