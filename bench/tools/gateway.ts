// The tool gateway as in the portal, in a process of its own: sign-in, catalog,
// permissions with the default policy, and the ledger on a SQLite file.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agentHttpAuth } from '@agentportal/plugin-auth-backend-module-agent-provider';
import { createBackend } from '@backstage/backend-defaults';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import { ready } from './processes';

const upstreamUrl = process.argv[2];
const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

async function main(): Promise<void> {
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const backend = createBackend();
  backend.add(
    mockServices.rootConfig.factory({
      data: {
        app: { baseUrl },
        backend: {
          baseUrl,
          listen: { host: '127.0.0.1', port },
          database: {
            client: 'better-sqlite3',
            connection: { directory: folder },
          },
        },
        auth: {
          providers: {
            guest: {
              userEntityRef: 'user:default/guest',
              dangerouslyAllowOutsideDevelopment: true,
            },
          },
        },
        permission: { enabled: true },
        // The company's servers are on this machine, and the operator's own.
        tools: {
          allowedHosts: [new URL(upstreamUrl).host],
          servers: { orders: { url: upstreamUrl, trust: 'verified' } },
        },
        agents: { localRepositories: { path: path.join(folder, 'none') } },
      },
    }),
  );
  backend.add(mockServices.rootLogger.factory({ level: 'error' }));
  backend.add(import('@backstage/plugin-auth-backend'));
  backend.add(import('@backstage/plugin-auth-backend-module-guest-provider'));
  backend.add(agentHttpAuth);
  backend.add(import('@backstage/plugin-permission-backend'));
  backend.add(
    import('@agentportal/plugin-permission-backend-module-agent-policy'),
  );
  backend.add(import('@backstage/plugin-catalog-backend'));
  backend.add(import('@backstage/plugin-catalog-backend-module-ai-model'));
  backend.add(import('@agentportal/plugin-catalog-backend-module-agents'));
  backend.add(import('@agentportal/plugin-tools-backend'));
  backend.add(catalogOf(company()));
  await backend.start();

  const token = await within(60_000, () => signIn(baseUrl));
  const headers = { Authorization: `Bearer ${token}` };
  await within(60_000, async () => {
    const response = await fetch(`${baseUrl}/api/tools/tools`, { headers });
    const { items } = (await response.json()) as { items: unknown[] };
    if (!items.length) {
      throw new Error('the gateway has found no tool yet');
    }
  });
  ready({ url: `${baseUrl}/api/tools/mcp`, token });
}

function company(): Entity[] {
  const entity = (kind: string, name: string, spec: object) =>
    ({
      apiVersion: 'backstage.io/v1alpha1',
      kind,
      metadata: {
        name,
        annotations: {
          'backstage.io/managed-by-location': 'bench:company',
          'backstage.io/managed-by-origin-location': 'bench:company',
        },
      },
      spec,
    } as Entity);
  return [
    entity('Group', 'care', { type: 'team', children: [] }),
    entity('User', 'guest', { memberOf: ['care'] }),
    entity('API', 'orders', {
      type: 'mcp-server',
      lifecycle: 'production',
      owner: 'group:default/care',
      remotes: [{ type: 'streamable-http', url: upstreamUrl }],
    }),
  ];
}

function catalogOf(entities: Entity[]) {
  return createBackendModule({
    pluginId: 'catalog',
    moduleId: 'bench',
    register(reg) {
      reg.registerInit({
        deps: { catalog: catalogProcessingExtensionPoint },
        async init({ catalog }) {
          catalog.addEntityProvider({
            getProviderName: () => 'bench',
            connect: connection =>
              connection.applyMutation({
                type: 'full',
                entities: entities.map(entity => ({ entity })),
              }),
          });
        },
      });
    },
  });
}

async function signIn(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/api/auth/guest/refresh`, {
    method: 'POST',
    headers: { 'X-Requested-With': 'XMLHttpRequest' },
  });
  if (!response.ok) {
    throw new Error(`Cannot sign in: ${await response.text()}`);
  }
  const session = (await response.json()) as {
    backstageIdentity: { token: string };
  };
  return session.backstageIdentity.token;
}

/** Tries until it succeeds: the catalog takes its time to take entities in. */
async function within<T>(ms: number, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, 250));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

main().catch(error => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
