import type { AddressInfo } from 'node:net';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { databases } from './__testUtils__/startModels';
import modelsPlugin, { modelServiceHealth } from './index';

jest.setTimeout(60_000);

describe('the health of a process that serves nothing but model calls', () => {
  it('is ready as long as the ledger can be written', async () => {
    const knex = await databases.init('SQLITE_3');
    const backend = await startTestBackend({
      features: [
        modelsPlugin,
        modelServiceHealth,
        mockServices.database.factory({ knex }),
        mockServices.rootConfig.factory({
          data: { models: { detectOllama: false } },
        }),
      ],
    });
    const { port } = backend.server.address() as AddressInfo;
    const ask = async (what: string) => {
      const response = await fetch(
        `http://127.0.0.1:${port}/.backstage/health/v1/${what}`,
      );
      return { status: response.status, body: await response.json() };
    };
    expect(await ask('readiness')).toEqual({
      status: 200,
      body: { status: 'ok' },
    });
    await knex.destroy();
    // An answer is remembered for a second.
    await new Promise(resolve => {
      setTimeout(resolve, 1_100);
    });
    expect(await ask('readiness')).toEqual({
      status: 503,
      body: {
        status: 'error',
        message: 'The database of the model ledger does not answer.',
      },
    });
    expect((await ask('liveness')).status).toBe(200);
    await backend.stop();
  });
});
