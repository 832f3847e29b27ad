import type { ModelKey } from './key';
import { keyLimits } from './keyAccess';
import { KeyStore } from './KeyStore';
import { mintKeyId, mintSecret } from './secrets';
import { type VerifiedKey, VerifiedKeys } from './VerifiedKeys';
import { databases } from '../__testUtils__/databases';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { mockServices } from '@backstage/backend-test-utils';

jest.setTimeout(120_000);

/** A store on a real database that counts what it is asked. */
async function setUp(count: number) {
  const knex = await databases.init('SQLITE_3');
  await DatabaseCallLedger.create(
    mockServices.database.mock({ getClient: async () => knex, migrations: {} }),
  );
  let queries = 0;
  knex.on('query', () => {
    queries += 1;
  });
  const store = new KeyStore(knex);
  const secrets: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const now = Date.now();
    const key: ModelKey = {
      id: mintKeyId(now),
      title: 'Report',
      ownerRef: 'group:default/care',
      models: ['*'],
      createdAt: now,
      createdBy: 'user:default/dana',
      updatedAt: now,
    };
    const secret = mintSecret(key.id);
    await store.create(key, secret);
    secrets.push(secret.text);
  }
  queries = 0;
  return { store, secrets, queries: () => queries };
}

describe('what a key opens', () => {
  const key = {
    id: 'k1',
    title: 'Nightly',
    ownerRef: 'group:default/care',
    models: ['model:care/ours', 'fake/good'],
  } as ModelKey;
  const limits = (route: string | undefined, isVouchedFor: boolean) =>
    keyLimits(
      { key, models: new Set(key.models) } as unknown as VerifiedKey,
      { route, modelIds: ['fake/good', 'fake/dear'] },
      isVouchedFor,
    );

  it('is all that a route leads to which somebody answers for, and no more of others', () => {
    expect(limits('model:care/ours', true)('fake/dear')).toBeUndefined();
    expect(limits('model:care/ours', false)('fake/dear')).toContain(
      'a location that is not trusted',
    );
    expect(limits('model:care/ours', false)('fake/good')).toBeUndefined();
    expect(limits(undefined, true)('fake/dear')).toContain('not for fake/dear');
    expect(limits('model:care/theirs', true)('fake/dear')).toContain(
      'not for model:care/theirs',
    );
  });
});

describe('VerifiedKeys', () => {
  it('asks the database once for a key, and at most twice a second for changes', async () => {
    const { queries, secrets, store } = await setUp(3);
    const keys = new VerifiedKeys(store);
    const started = performance.now();
    let calls = 0;
    while (performance.now() - started < 1_500) {
      await keys.verify(secrets[calls % secrets.length]);
      calls += 1;
      if (calls % 1_000 === 0) {
        await new Promise(setImmediate);
      }
    }
    // Two for each key and one for the day of its use; the rest are versions.
    expect(queries()).toBeLessThanOrEqual(3 * 3 + 5);
    expect(calls).toBeGreaterThan(10_000);
  });

  it('asks once for many calls that come with the same key at once', async () => {
    const { queries, secrets, store } = await setUp(1);
    const keys = new VerifiedKeys(store);
    await Promise.all(
      Array.from({ length: 200 }, async () => keys.verify(secrets[0])),
    );
    expect(queries()).toBeLessThanOrEqual(4);
  });

  it('does not keep what it read before a change that it has heard of', async () => {
    const { secrets, store } = await setUp(1);
    const reading = store.secretsOf.bind(store);
    const keys = new VerifiedKeys(store);
    await keys.afterChange();
    // The key is revoked, and known to be, while its row is being looked up.
    let once = true;
    store.secretsOf = async ids => {
      const secretsFound = await reading(ids);
      if (once) {
        once = false;
        await store.revoke(ids[0], 'user:default/dana');
        await keys.afterChange();
      }
      return secretsFound;
    };
    await Promise.resolve(keys.verify(secrets[0]));
    await expect(async () => keys.verify(secrets[0])).rejects.toThrow(
      /revoked on/,
    );
  });
});
