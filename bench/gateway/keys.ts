import { KeyAuthenticator } from '../../plugins/models-backend/src/keys/KeyAuthenticator';
import { KeyCatalog } from '../../plugins/models-backend/src/keys/KeyCatalog';
import { KeyStore } from '../../plugins/models-backend/src/keys/KeyStore';
import {
  mintKeyId,
  mintSecret,
} from '../../plugins/models-backend/src/keys/secrets';
import { KEYS, SECRETS } from '../../plugins/models-backend/src/keys/tables';
import { VerifiedKeys } from '../../plugins/models-backend/src/keys/VerifiedKeys';
import type { Knex } from 'knex';

/** Keys of programs, of which the bench calls with one. */
export interface BenchKeys {
  authenticator: KeyAuthenticator;
  id: string;
  secret: string;
}

/** Makes as many keys as asked for, all of the same owner and system. */
export async function makeKeys(
  db: Knex,
  count: number,
  account: { ownerRef: string; systemRef: string; domainRef: string },
): Promise<BenchKeys> {
  const store = new KeyStore(db);
  const now = Date.now();
  const { ownerRef, systemRef } = account;
  const id = mintKeyId(now);
  const secret = mintSecret(id);
  await store.create(
    {
      id,
      title: 'Bench',
      ownerRef,
      systemRef,
      models: ['*'],
      createdAt: now,
      createdBy: 'user:default/bench',
      updatedAt: now,
    },
    secret,
  );
  const [key] = await db(KEYS).limit(1);
  const [{ id: _, ...known }] = await db(SECRETS).limit(1);
  const others = Array.from({ length: count - 1 }, () => mintKeyId(now));
  const rows = others.map(other => ({ ...key, id: other }));
  const secrets = others.map(other => ({
    ...known,
    key_id: other,
    digest: mintSecret(other).digest,
  }));
  await db.batchInsert(KEYS, rows, 50);
  await db.batchInsert(SECRETS, secrets, 50);
  const catalog = new KeyCatalog({
    catalog: {
      getEntityByRef: async () => ({
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'System',
        metadata: { name: 'bench' },
        relations: [{ type: 'partOf', targetRef: account.domainRef }],
      }),
    } as unknown as ConstructorParameters<typeof KeyCatalog>[0]['catalog'],
    auth: {
      getOwnServiceCredentials: async () => undefined,
    } as unknown as ConstructorParameters<typeof KeyCatalog>[0]['auth'],
  });
  const authenticator = new KeyAuthenticator({
    keys: new VerifiedKeys(store),
    catalog,
  });
  return { authenticator, id, secret: secret.text };
}
