// A backend that works on runs, as a process that may be killed: the real orchestration, agents and auth
// plugins on a shared database. Models and tools are elsewhere, see gateways.ts, and the catalog knows the
// agents of scene.ts alone.
import { createBackend } from '@backstage/backend-defaults';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { authModuleTestProvider } from '../portal/testSignIn';
import { ENTITIES } from './entities';
import { writeFileSync } from 'node:fs';
import { freezeAtWrites } from './freezeAtWrites';

freezeAtWrites(process.env.CRASH_GATEWAYS!);

const { CRASH_HEAP } = process.env;
if (CRASH_HEAP) {
  // Tells in a file how much it holds when it is asked.
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    writeFileSync(CRASH_HEAP, String(process.memoryUsage().heapUsed));
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
