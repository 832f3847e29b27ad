// Two whole portals on one PostgreSQL, with agents that golden paths made: `npm run test:replicas`.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../money/connect';
import { freePort } from '../gateway/processes';
import { PortalProcess } from '../portal/PortalProcess';
import { FILES, GRACE_DAYS, PRIYA, register, scenarios } from './agents';
import { startSlowProvider } from '../portal/slowProvider';
import { until } from './until';

/** What a person fills in on the golden path of conversational agents. */
const ANSWERS = {
  title: 'Parcel Pal',
  name: 'parcel-pal',
  description: 'Tells people where their parcels are.',
  owner: 'group:default/platform',
  instructions: 'Tell people where their parcels are, and nothing else.',
  model: 'model:default/balanced',
  autonomy: 'copilot',
  tools: [],
  exampleQuestions: ['What can you do?'],
  publishTo: 'github',
  repoUrl: 'github.com?owner=acme&repo=parcel-pal',
};
/** An agent in a folder that one replica alone can see. */
const LEFT_OVER = `apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata: { name: left-over }
spec:
  type: assistant
  lifecycle: experimental
  owner: group:default/platform
  autonomy: copilot
`;
/** What the catalog takes from addresses that people register. */
const KINDS = ['Agent', 'Component', 'Group', 'Location', 'User'];
/** Longer than a replica looks for what it has, and for what others have not. */
const A_WHILE_MS = 20_000;

async function main(): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'agent-portal-replicas-'));
  // Stands for the Git host to which the golden path pushes.
  const pushed = new Map<string, Buffer | string>(Object.entries(FILES));
  const host = createServer((request, response) => {
    const file = pushed.get(request.url ?? '');
    response.statusCode = file ? 200 : 404;
    response.end(file);
  });
  await new Promise<void>(resolve => {
    host.listen(0, '127.0.0.1', resolve);
  });
  const hostName = `127.0.0.1:${(host.address() as AddressInfo).port}`;
  const provider = await startSlowProvider();
  const database = await emptyDatabase(process.env.REPLICAS_POSTGRES!);
  const ports = [await freePort(), await freePort()];
  const replicas = ports.map(
    (port, index) =>
      new PortalProcess({
        name: `replica-${index + 1}`,
        folder,
        port,
        config: {
          backend: {
            database: {
              client: 'pg',
              pluginDivisionMode: 'schema',
              connection: database,
            },
            reading: { allow: [{ host: hostName }] },
          },
          catalog: { rules: [{ allow: KINDS }] },
          agents: { sponsor: { graceDays: GRACE_DAYS } },
          models: {
            providers: [
              {
                id: 'slow',
                type: 'openai',
                baseUrl: provider.url,
                models: ['drip'],
              },
            ],
            prices: [
              {
                model: 'slow/drip',
                inputNanoUsdPerMillionTokens: 0,
                outputNanoUsdPerMillionTokens: 10_000_000,
              },
            ],
          },
          // The golden path offers it where the portal may write to it.
          integrations: { github: [{ host: 'github.com', token: 'of-tests' }] },
        },
      }),
  );
  const [one, two] = replicas;
  let passed = 0;
  let failed = 0;
  const check = async (title: string, play: () => Promise<string | void>) => {
    const started = performance.now();
    let outcome = '✓';
    try {
      const measured = await play();
      passed += 1;
      outcome = measured ? `✓ [${measured}]` : outcome;
    } catch (error) {
      failed += 1;
      outcome = '✗';
      process.stdout.write(`${(error as Error)?.stack ?? error}\n`);
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${outcome} ${title} (${seconds} s)\n`);
  };
  const agentsOf = async (replica: PortalProcess): Promise<string[]> => {
    const token = await replica.client.signIn(PRIYA);
    const { items } = await replica.client.ask(
      token,
      'GET',
      '/api/agents/agents?limit=100',
    );
    return items.map((agent: any) => agent.name ?? agent.ref).sort();
  };
  const has = async (replica: PortalProcess, name: string) =>
    (await agentsOf(replica)).some(agent => agent.includes(name));

  try {
    await check('a second replica joins the first one', async () => {
      // Backstage's own plugins do not wait for the migrations of another process.
      await one.start();
      await two.start();
      await until(() => has(one, 'order-desk'));
      await until(() => has(two, 'order-desk'));
    });
    await check(
      'an agent that the golden path made through one is there for both',
      async () => {
        const token = await one.client.signIn(PRIYA);
        for (const [file, content] of await goldenPath(one, token)) {
          pushed.set(`/${file}`, content);
        }
        await one.client.ask(token, 'POST', '/api/catalog/locations', {
          type: 'url',
          target: `http://${hostName}/catalog-info.yaml`,
        });
        await until(() => has(one, 'parcel-pal'));
        await until(() => has(two, 'parcel-pal'));
      },
    );
    await check(
      'a folder that only one replica has brings no agents and takes none away',
      async () => {
        const before = await agentsOf(one);
        const repository = path.join(
          folder,
          'replica-1/agent-repositories/left-over',
        );
        mkdirSync(repository, { recursive: true });
        writeFileSync(path.join(repository, 'catalog-info.yaml'), LEFT_OVER);
        for (const replica of replicas) {
          await replica.kill();
          await replica.start();
        }
        await sleep(A_WHILE_MS);
        // Where replicas share no disk nobody reads such a folder.
        assert.deepEqual(await agentsOf(one), before);
        assert.deepEqual(await agentsOf(two), before);
      },
    );
    await check('a run of one can be followed through the other', async () => {
      const token = await one.client.signIn(PRIYA);
      const { id } = await one.client.ask(
        token,
        'POST',
        '/api/orchestration/runs',
        {
          agentRef: 'agent:default/parcel-pal',
          input: { message: 'What can you do?' },
        },
      );
      await until(async () => {
        const run = await two.client.ask(
          token,
          'GET',
          `/api/orchestration/runs/${id}`,
        );
        return run.status === 'succeeded' && run.output.message.length > 0;
      });
    });
    const scene = {
      one,
      two,
      provider,
      db: connect(urlOf(database)),
      push: (file: string, text: string) => pushed.set(file, text),
      addressOf: (file: string) => `http://${hostName}${file}`,
    };
    await register(scene);
    for (const [title, play] of Object.entries(scenarios)) {
      await check(title, () => play(scene));
    }
    await scene.db.destroy();
    await check('when one is killed the other has everything', async () => {
      const before = await agentsOf(two);
      await one.kill();
      await sleep(A_WHILE_MS);
      assert.deepEqual(await agentsOf(two), before);
    });
  } finally {
    await Promise.all(replicas.map(replica => replica.kill()));
    host.close();
    provider.close();
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

/**
 * Walks the golden path and gives the files of the repository that it makes. It
 * is a dry run, because there is no GitHub to push to; what it checks and writes
 * is the same.
 */
async function goldenPath(
  { client }: PortalProcess,
  token: string,
): Promise<Map<string, Buffer>> {
  const templates = '/api/catalog/entities/by-name/template/default';
  await until(() =>
    client
      .ask(token, 'GET', `${templates}/conversational-agent`)
      .then(() => true),
  );
  const template = await client.ask(
    token,
    'GET',
    `${templates}/conversational-agent`,
  );
  const { directoryContents } = await client.ask(
    token,
    'POST',
    '/api/scaffolder/v2/dry-run',
    { template, values: ANSWERS, secrets: {}, directoryContents: [] },
  );
  return new Map(
    directoryContents.map((file: { path: string; base64Content: string }) => [
      file.path,
      Buffer.from(file.base64Content, 'base64'),
    ]),
  );
}

function urlOf(database: Awaited<ReturnType<typeof emptyDatabase>>): string {
  const { user, password, host, port, database: name } = database;
  return `postgres://${user}:${password}@${host}:${port}/${name}`;
}

async function emptyDatabase(server: string) {
  const name = `replicas_${process.pid}`;
  const admin = connect(server);
  await admin.raw(`create database ${name}`);
  await admin.destroy();
  const { hostname, port, username, password } = new URL(server);
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: name,
  };
}

main().then(
  failed => process.exit(failed === 0 ? 0 : 1),
  error => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
