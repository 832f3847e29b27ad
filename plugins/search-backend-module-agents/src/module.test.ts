import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import searchPlugin from '@backstage/plugin-search-backend';
import request from 'supertest';
import { searchModuleAgents } from './module';

const AGENT = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'triage', description: 'Sorts claims' },
  spec: { type: 'assistant', lifecycle: 'production', owner: 'claims' },
};

describe('agents in search', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'search-'));
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('are found soon after the start, and after a start anew', async () => {
    for (const start of ['first', 'second']) {
      const backend = await startTestBackend({
        features: [
          searchPlugin,
          searchModuleAgents,
          catalogServiceMock.factory({ entities: [AGENT] }),
          databaseServiceFactory,
          schedulerServiceFactory,
          mockServices.rootConfig.factory({
            data: {
              backend: {
                database: {
                  client: 'better-sqlite3',
                  connection: { directory },
                },
              },
            },
          }),
        ],
      });
      const deadline = Date.now() + 30_000;
      let found: string[] = [];
      while (!found.length && Date.now() < deadline) {
        await sleep(500);
        const { body } = await request(backend.server).get(
          '/api/search/query?term=claims&types[0]=agents',
        );
        found = (body.results ?? []).map((it: any) => it.document.name);
      }
      await backend.stop();
      expect([start, found]).toEqual([start, ['triage']]);
    }
  });
});

jest.setTimeout(90_000);
