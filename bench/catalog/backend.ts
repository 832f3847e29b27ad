import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBackend } from '@backstage/backend-defaults';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import {
  catalogProcessingExtensionPoint,
  type EntityProviderConnection,
} from '@backstage/plugin-catalog-node';

/** A running backend, with a way to give its catalog entities. */
export interface BenchBackend {
  baseUrl: string;
  /** Where its SQLite files are. */
  folder: string;
  /** Signs in as a guest, who is in two of the teams. */
  signIn(): Promise<Record<string, string>>;
  /** Adds entities to a set, each of which has an entity provider of its own. */
  provide(set: string, entities: Entity[]): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The catalog with our kinds, and the agents backend, on a SQLite file, as in
 * the portal.
 */
export async function startBackend(): Promise<BenchBackend> {
  const folder = await mkdtemp(path.join(memoryOrTmp(), 'agent-portal-bench-'));
  const port = await freePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const connections = new Map<string, EntityProviderConnection>();
  const sets = ['surroundings', 'agents', 'components'];

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
        agents: {
          localRepositories: { path: path.join(folder, 'none') },
          trustedLocations: ['bench:company'],
        },
        catalog: { orphanStrategy: 'delete' },
      },
    }),
  );
  backend.add(mockServices.rootLogger.factory({ level: 'warn' }));
  backend.add(import('@backstage/plugin-auth-backend'));
  backend.add(import('@backstage/plugin-auth-backend-module-guest-provider'));
  backend.add(import('@backstage/plugin-catalog-backend'));
  backend.add(import('@agentportal/plugin-catalog-backend-module-agents'));
  backend.add(import('@agentportal/plugin-agents-backend'));
  backend.add(
    createBackendModule({
      pluginId: 'catalog',
      moduleId: 'bench',
      register(reg) {
        reg.registerInit({
          deps: { catalog: catalogProcessingExtensionPoint },
          async init({ catalog }) {
            catalog.addEntityProvider(
              sets.map(set => ({
                getProviderName: () => `bench-${set}`,
                connect: async (connection: EntityProviderConnection) => {
                  connections.set(set, connection);
                },
              })),
            );
          },
        });
      },
    }),
  );
  await backend.start();

  return {
    baseUrl,
    folder,
    async signIn() {
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
      return { Authorization: `Bearer ${session.backstageIdentity.token}` };
    },
    provide: (set, entities) =>
      connections.get(set)!.applyMutation({
        type: 'delta',
        added: entities.map(entity => ({ entity })),
        removed: [],
      }),
    async stop() {
      await backend.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A file system in memory where there is one: the catalog writes in thousands
 * of small transactions, and what a shared disk takes to sync each of them
 * says nothing about agents or Components.
 */
function memoryOrTmp(): string {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
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
