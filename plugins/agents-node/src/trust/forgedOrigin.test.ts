import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { CatalogTrust } from './CatalogTrust';

/** Everything a file may say about where it comes from. */
const forged = (origin: string, extra: string) => `
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: forged
  annotations:
    backstage.io/managed-by-origin-location: ${origin}
    backstage.io/managed-by-location: ${origin}
spec: { type: service, lifecycle: production, owner: platform }
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: forged-location
  annotations:
    backstage.io/managed-by-origin-location: ${origin}
    backstage.io/managed-by-location: ${origin}
spec: { type: url, target: ${extra} }
`;

describe('the origin of an entity in a real catalog', () => {
  jest.setTimeout(60_000);
  let folder: string;
  let server: Server;
  let web: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'origin-'));
    await writeFile(
      path.join(folder, 'ours.yaml'),
      `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: ours }
spec: { type: service, lifecycle: production, owner: platform }
`,
    );
    const origin = `file:${path.join(folder, 'ours.yaml')}`;
    server = createServer((req, res) => {
      res.end(
        req.url === '/second.yaml'
          ? forged(origin, `${web}/none.yaml`).replace(/forged/g, 'second')
          : forged(origin, `${web}/second.yaml`),
      );
    });
    await new Promise<void>(resolve =>
      server.listen(0, '127.0.0.1', () => resolve()),
    );
    web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it('cannot be forged by a file, nor by a location that a file emits', async () => {
    const data = {
      backend: { reading: { allow: [{ host: web.replace('http://', '') }] } },
      catalog: {
        locations: [{ type: 'file', target: path.join(folder, 'ours.yaml') }],
        processingInterval: { seconds: 1 },
      },
    };
    const backend = await startTestBackend({
      features: [mockServices.rootConfig.factory({ data }), catalogPlugin],
    });
    await request(backend.server)
      .post('/api/catalog/locations')
      .send({ type: 'url', target: `${web}/evil.yaml` })
      .expect(201);

    const trust = CatalogTrust.fromConfig(new ConfigReader(data));
    const named = new Map<string, Entity>();
    const deadline = Date.now() + 45_000;
    while (named.size < 3 && Date.now() < deadline) {
      const { body } = await request(backend.server).get(
        '/api/catalog/entities?filter=kind=component',
      );
      for (const entity of body as Entity[]) {
        named.set(entity.metadata.name, entity);
      }
      await new Promise(resolve => setTimeout(resolve, 300));
    }
    expect([...named.keys()].sort()).toEqual(['forged', 'ours', 'second']);
    expect(trust.trusts(named.get('ours')!)).toBe(true);
    expect(trust.trusts(named.get('forged')!)).toBe(false);
    expect(trust.trusts(named.get('second')!)).toBe(false);
    await backend.stop();
  });
});
