// A backend that works on runs, as a process that may be killed: the real orchestration, agents and auth
// plugins on a shared database. Models and tools are elsewhere, see gateways.ts, and the catalog knows the
// agents of scene.ts alone.
import { createBackend } from '@backstage/backend-defaults';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { fairSqlite } from '../../packages/backend/src/fairSqlite';
import { authModuleTestProvider } from '../portal/testSignIn';
import { ENTITIES } from './entities';
import { writeFileSync } from 'node:fs';
import { freezeAtWrites } from './freezeAtWrites';

fairSqlite();
freezeAtWrites(process.env.CRASH_GATEWAYS!);

/** What a worker tells of itself. */
export interface WorkerState {
  cpuMs: number;
  heap: number;
  rss: number;
}

const { CRASH_STATE } = process.env;
if (CRASH_STATE) {
  // Tells in a file what it uses when it is asked.
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const { heapUsed: heap, rss } = process.memoryUsage();
    const state: WorkerState = { cpuMs: (user + system) / 1_000, heap, rss };
    writeFileSync(CRASH_STATE, JSON.stringify(state));
  });
}

const catalog = catalogServiceMock({ entities: ENTITIES });
const backend = createBackend();

backend.add(
  createServiceFactory({
    service: catalogServiceRef,
    deps: {},
    factory: () => catalog,
  }),
);
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('@agentportal/plugin-auth-backend-module-agent-provider'));
backend.add(authModuleTestProvider);
backend.add(import('@agentportal/plugin-agents-backend'));
backend.add(import('@agentportal/plugin-orchestration-backend'));

backend.start();
