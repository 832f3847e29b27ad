import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { RotatedLog } from './logs.mjs';
import { dataDir, root } from './paths.mjs';
import { readPortalConfig } from './portalConfig.mjs';
import { exampleAgentPort, examplePort, requireFreePort } from './ports.mjs';
import { start } from './processes.mjs';
import { SetupError, say, step } from './say.mjs';

/**
 * What Node needs to run our TypeScript. Without source maps: Node keeps those of every library in memory too,
 * 60 MB in a portal, and stands still for longer when it collects garbage.
 */
export const TRANSFORM = [
  '--require',
  '@backstage/cli/config/nodeTransform.cjs',
];

/**
 * For short pauses. V8 gives memory back when a process looks idle, by moving the whole heap: when people come in
 * the middle of that, a portal stands still for half a second. And it lets the part of the heap for new objects
 * grow until collecting there takes 50 to 120 ms each time; with 16 MB it takes 10 to 30.
 */
const SHORT_PAUSES = ['--no-memory-reducer', '--max-semi-space-size=16'];

/**
 * Starts the example company's MCP servers, the agent of its partner and the portal's backend, which also
 * serves the built front end, and waits until a person can work with it.
 */
export async function startPortal(
  { node, env },
  { configs = [], entry = 'packages/backend/src/index.ts' } = {},
) {
  const port = Number(process.env.AGENT_PORTAL_PORT ?? 7007);
  const serversPort = examplePort(port);
  const partnerPort = exampleAgentPort(port);
  const url = `http://localhost:${port}`;
  await requireFreePort(
    port,
    'the portal',
    `Stop it, or choose another port: AGENT_PORTAL_PORT=${port + 1} npm start`,
  );
  await requireFreePort(
    serversPort,
    'the example company',
    `Stop it, or choose another port: EXAMPLE_SERVERS_PORT=${
      serversPort + 1
    } npm start`,
  );

  await requireFreePort(
    partnerPort,
    'the agent of a partner',
    `Stop it, or choose another port: EXAMPLE_AGENT_PORT=${
      partnerPort + 1
    } npm start`,
  );

  // Conversations and keys are in there, so nobody else may look into it.
  const logs = path.join(dataDir, 'logs');
  for (const folder of [dataDir, logs]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
  }
  const childEnv = {
    ...env,
    AGENT_PORTAL_DATA: dataDir,
    AGENT_PORTAL_PORT: String(port),
    EXAMPLE_SERVERS_PORT: String(serversPort),
    EXAMPLE_AGENT_PORT: String(partnerPort),
  };
  const files = [
    path.join(root, 'app-config.yaml'),
    ...configs.map(config => path.resolve(root, config)),
    ...(process.env.AGENT_PORTAL_CONFIG?.split(',') ?? []).map(file =>
      path.resolve(root, file),
    ),
  ];
  const { production, baseUrl, hasExampleCompany } = await readPortalConfig(
    files,
    childEnv,
  );
  childEnv.NODE_ENV = production ? 'production' : 'development';

  const servers = launch('example-servers', {
    node,
    args: [
      ...TRANSFORM,
      'src/start.ts',
      '--data',
      path.join(dataDir, 'example-company'),
    ],
    cwd: path.join(root, 'examples/mcp-servers'),
    env: childEnv,
    logs,
  });
  const partner = launch('example-agent', {
    node,
    args: [
      ...TRANSFORM,
      'src/start.ts',
      '--data',
      path.join(dataDir, 'size-advisor'),
    ],
    cwd: path.join(root, 'examples/a2a-agent'),
    env: childEnv,
    logs,
  });
  const launchBackend = () =>
    launch('backend', {
      node,
      args: [
        ...SHORT_PAUSES,
        ...TRANSFORM,
        path.join(root, entry),
        ...files.flatMap(file => ['--config', file]),
      ],
      cwd: path.join(root, 'packages/backend'),
      env: childEnv,
      logs,
    });
  const backend = launchBackend();
  const programs = [servers, partner, backend];
  /** Ends the backend as an operator does, and starts it on the same data. */
  const restart = async () => {
    const { child } = backend;
    child.kill('SIGTERM');
    if (child.exitCode === null && !child.signalCode) await once(child, 'exit');
    Object.assign(backend, launchBackend());
    await until(() => isReady(url), programs, 180_000);
  };

  await step('Starting the portal', async detail => {
    await until(() => isReady(url), programs, 180_000);
    if (production || !hasExampleCompany) return;
    detail('reading the catalog');
    await until(() => isFurnished(url), programs, 60_000).catch(error => {
      if (!(error instanceof TimedOut)) throw error;
      say(
        '  The catalog is still being read; more agents follow by themselves.',
      );
    });
  });
  return { url, baseUrl, production, logs, backend, servers, partner, restart };
}

/** Starts a program with its output in a log file; warnings and errors are shown too. */
function launch(name, { node, args, cwd, env, logs }) {
  const file = path.join(logs, `${name}.log`);
  const log = new RotatedLog(file);
  // What they write, such as databases, is for this person alone.
  const umask = process.umask(0o077);
  const child = start(node, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.umask(umask);
  const verbose = Boolean(process.env.AGENT_PORTAL_VERBOSE);
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', text => {
      log.write(text);
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        // eslint-disable-next-line no-control-regex
        const plain = line.replace(/\x1b\[[0-9;]*m/g, '');
        if (verbose || /(^|\s)error(\s|:)/.test(plain))
          say(`  ${name}: ${line}`);
      }
    });
  }
  return { name, file, child };
}

class TimedOut extends SetupError {}

async function until(condition, programs, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    for (const { name, file, child } of programs) {
      if (child.exitCode !== null || child.signalCode) {
        throw new SetupError(
          `The program "${name}" ended while it was starting. The end of its log ${path.relative(
            root,
            file,
          )}:\n${readFileSync(file, 'utf8').split('\n').slice(-15).join('\n')}`,
        );
      }
    }
    if (await condition().catch(() => false)) return;
    if (Date.now() > deadline) {
      throw new TimedOut(
        `The portal was not ready after ${
          timeoutMs / 1000
        } seconds. Its logs are in ${path.relative(
          root,
          path.dirname(programs[0].file),
        )}.`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}

async function isReady(url) {
  const response = await fetch(`${url}/.backstage/health/v1/readiness`);
  return response.ok;
}

/** The agents that the files of the example company declare. */
function exampleAgents() {
  const folder = path.join(root, 'catalog/agents');
  return readdirSync(folder)
    .filter(file => file.endsWith('.yaml'))
    .flatMap(file =>
      readFileSync(path.join(folder, file), 'utf8')
        .split(/^---$/m)
        .filter(entity => /^kind: Agent$/m.test(entity))
        .map(entity => /^ {2}name: (\S+)$/m.exec(entity)[1]),
    )
    .map(name => `agent:default/${name}`);
}

/**
 * Whether somebody who signs in now finds a catalog that has been read: every agent of
 * the example company, and the tools that they may call.
 */
async function isFurnished(url) {
  const session = await fetch(`${url}/api/auth/guest/refresh`, {
    method: 'POST',
    headers: { 'x-requested-with': 'XMLHttpRequest' },
  }).then(response => response.json());
  const headers = {
    authorization: `Bearer ${session?.backstageIdentity?.token}`,
    'content-type': 'application/json',
  };
  const { items } = await fetch(`${url}/api/agents/agents?limit=100`, {
    headers,
  }).then(response => response.json());
  const found = new Set(items.map(({ ref }) => ref));
  if (!exampleAgents().every(ref => found.has(ref))) return false;
  const tools = await fetch(`${url}/api/catalog/entities/by-refs`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      entityRefs: [...new Set(items.flatMap(({ toolRefs }) => toolRefs))],
      fields: ['metadata.name'],
    }),
  }).then(response => response.json());
  return tools.items.every(Boolean);
}
