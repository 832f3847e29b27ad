import { TestDatabases } from '@backstage/backend-test-utils';

/** The databases that this machine has: SQLite always, PostgreSQL if it runs. */
export const databases = TestDatabases.create({
  ids: process.env.BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING
    ? ['SQLITE_3', 'POSTGRES_18']
    : ['SQLITE_3'],
});
