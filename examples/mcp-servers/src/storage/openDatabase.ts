import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Raised when tables change, so that data of an older shape is not misread. */
const SCHEMA_VERSION = 1;

/**
 * Opens the SQLite file of one server. A new file gets its tables and first
 * rows in one transaction, so a process that is killed while it fills the file
 * leaves an empty one, which the next start fills again.
 */
export function openDatabase(options: {
  directory: string;
  name: string;
  tables: string;
  seed: (db: Database.Database) => void;
}): Database.Database {
  mkdirSync(options.directory, { recursive: true });
  const file = join(options.directory, `${options.name}.sqlite`);
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('foreign_keys = ON');

  const version = db.pragma('user_version', { simple: true });
  if (version === 0) {
    db.transaction(() => {
      db.exec(options.tables);
      options.seed(db);
      db.pragma(`user_version = ${SCHEMA_VERSION}`);
    })();
  } else if (version !== SCHEMA_VERSION) {
    db.close();
    throw new Error(
      `The example data in ${file} is from another version of the example servers. Delete the file; the next start fills a new one.`,
    );
  }
  return db;
}

/** Inserts rows whose keys are column names. */
export function insertRows(
  db: Database.Database,
  table: string,
  rows: Array<Record<string, Database.Value>>,
): void {
  if (rows.length === 0) {
    return;
  }
  const columns = Object.keys(rows[0]);
  const statement = db.prepare(
    `INSERT INTO ${table} (${columns.join(', ')})
     VALUES (${columns.map(column => `@${column}`).join(', ')})`,
  );
  for (const row of rows) {
    statement.run(row);
  }
}
