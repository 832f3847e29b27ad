import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseServiceFactory } from '@backstage/backend-defaults/database';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import templateModule from '@backstage/plugin-catalog-backend-module-scaffolder-entity-model';
import type { JsonObject } from '@backstage/types';
import request from 'supertest';
import { catalogModuleAgents } from './module';

const AGENT = `
apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata: { name: desk }
spec: { type: assistant, lifecycle: experimental, owner: team, autonomy: copilot }
`;
/** Time for several looks at a folder. */
const SEVERAL_LOOKS_MS = 6_000;

describe('replicas on one database', () => {
  const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
  const backends: TestBackend[] = [];
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'replicas-'));
    await mkdir(path.join(root, 'full', 'desk'), { recursive: true });
    await mkdir(path.join(root, 'empty'));
    await writeFile(path.join(root, 'full/desk/catalog-info.yaml'), AGENT);
  });

  afterEach(async () => {
    await Promise.all(backends.splice(0).map(backend => backend.stop()));
    await rm(root, { recursive: true, force: true });
  });

  async function start(folder: string, database: JsonObject) {
    const backend = await startTestBackend({
      features: [
        catalogPlugin,
        catalogModuleAgents,
        templateModule,
        databaseServiceFactory,
        schedulerServiceFactory,
        mockServices.rootConfig.factory({
          data: {
            agents: { localRepositories: { path: path.join(root, folder) } },
            backend: { database },
            catalog: {
              locations: [
                {
                  type: 'file',
                  target: path.resolve(
                    __dirname,
                    '../../../templates/all.yaml',
                  ),
                },
              ],
              rules: [{ allow: ['Agent', 'Location', 'Template'] }],
            },
          },
        }),
      ],
    });
    backends.push(backend);
    return backend;
  }

  const get = async ({ server }: TestBackend, ref: string) =>
    request(server).get(`/api/catalog/entities/by-name/${ref}`);

  async function until(backend: TestBackend, ref: string, status: number) {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = await get(backend, ref);
      if (found.status === status) {
        return found.body;
      }
      if (Date.now() > deadline) {
        throw new Error(
          `${ref}: ${found.status} ${JSON.stringify(found.body)}`,
        );
      }
      await sleep(200);
    }
  }

  const publishTo = (template: any) =>
    template.spec.parameters
      .map((page: any) => page.properties.publishTo)
      .find(Boolean);

  it('keep the agents of a folder while another replica has an empty one', async () => {
    const directory = path.join(root, 'database');
    const sqlite = { client: 'better-sqlite3', connection: { directory } };
    const first = await start('full', sqlite);
    await until(first, 'agent/default/desk', 200);
    const second = await start('empty', sqlite);
    await sleep(SEVERAL_LOOKS_MS);
    expect((await get(second, 'agent/default/desk')).status).toBe(200);

    const template = await until(
      second,
      'template/default/conversational-agent',
      200,
    );
    expect(publishTo(template)).toMatchObject({
      enum: ['local', 'github', 'gitlab'],
      default: 'local',
    });

    // While no process looked at it, the folder lost its agent.
    await Promise.all(backends.splice(0).map(backend => backend.stop()));
    await rm(path.join(root, 'full/desk'), { recursive: true });
    const third = await start('full', sqlite);
    await until(third, 'agent/default/desk', 404);
  });

  it.each(databases.eachSupportedId())(
    'have no folder where they do not share a disk, and do not offer one, %p',
    async id => {
      const { host, port, user, password, database } = (
        await databases.init(id)
      ).client.connectionSettings;
      const postgres = {
        client: 'pg',
        connection: { host, port, user, password, database },
        pluginDivisionMode: 'schema',
      };
      const first = await start('full', postgres);
      const second = await start('empty', postgres);
      const template = await until(
        second,
        'template/default/conversational-agent',
        200,
      );
      expect(publishTo(template)).toMatchObject({
        enum: ['github', 'gitlab'],
        enumNames: ['GitHub', 'GitLab'],
        default: 'github',
      });
      await sleep(SEVERAL_LOOKS_MS);
      expect((await get(first, 'agent/default/desk')).status).toBe(404);
    },
  );
});

jest.setTimeout(120_000);
