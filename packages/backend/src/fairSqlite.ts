import createKnex from 'knex';

/**
 * Lets others have their turn between two queries to SQLite, which is asked on the thread that
 * serves everybody and answers at once: a plugin that asks one thing after the other, as the
 * catalog does for each entity, would not let go of the thread before it has asked everything.
 * And appends commits to a log instead of waiting for the disk at each one, as
 * `tuneSqlite` of plugin-agents-node does for ours.
 */
export function fairSqlite(): void {
  const { prototype } = createKnex({
    client: 'better-sqlite3',
    connection: ':memory:',
    useNullAsDefault: true,
  }).client.constructor;
  const { _query: query, acquireRawConnection: open } = prototype;
  prototype._query = async function fairQuery(...args: unknown[]) {
    try {
      return await query.apply(this, args);
    } finally {
      await new Promise(setImmediate);
    }
  };
  prototype.acquireRawConnection = async function openTuned() {
    const connection = await open.call(this);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    return connection;
  };
}
