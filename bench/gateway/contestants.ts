import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Target } from './load';
import { installPortkey } from './portkey';
import { type GatewayProcess, startGateway } from './processes';

/** A gateway under load, or the provider asked directly. */
export interface Contestant {
  name: 'direct' | 'bare' | keyof typeof OURS | 'portkey';
  target: Target;
  /** Absent for the provider, which lives in the process of the load. */
  process?: GatewayProcess;
  stop(): Promise<void>;
}

/** Ours: budgets and keys of others that it knows, and what else is special. */
const OURS: Record<
  'ours' | 'by key' | 'four only' | 'no budgets' | 'ours pg',
  { others: string; byKey?: boolean; postgres?: boolean }
> = {
  ours: { others: '10000' },
  'by key': { others: '10000', byKey: true },
  'four only': { others: '0' },
  'no budgets': { others: 'none' },
  'ours pg': { others: '10000', postgres: true },
};

/** URL of a PostgreSQL server to measure ours on; absent for none. */
export const POSTGRES_URL = process.env.AGENT_PORTAL_BENCH_PG;

const transform = ['--require', '@backstage/cli/config/nodeTransform.cjs'];
const CHAT = '/v1/chat/completions';

export function direct(providerPort: number): Contestant {
  return {
    name: 'direct',
    target: { port: providerPort, path: CHAT, headers: {}, model: 'gpt-bench' },
    stop: async () => {},
  };
}

export async function startBare(providerPort: number): Promise<Contestant> {
  const started = await startGateway([
    ...transform,
    path.join(__dirname, 'bareProxy.ts'),
    String(providerPort),
  ]);
  return {
    name: 'bare',
    target: { port: started.port, path: CHAT, headers: {}, model: 'gpt-bench' },
    process: started,
    stop: () => started.stop(),
  };
}

/**
 * Ours has four budgets that apply among 10,000 of others, and its caller has a
 * token. To compare with: a caller with one of 10,000 keys, only the four budgets,
 * none at all, and all of it on PostgreSQL.
 */
export async function startOurs(
  providerPort: number,
  name: keyof typeof OURS = 'ours',
): Promise<Contestant> {
  const { others, byKey, postgres } = OURS[name];
  if (postgres && !POSTGRES_URL) {
    throw new Error('Set AGENT_PORTAL_BENCH_PG to the URL of a server');
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-portal-gateway-'));
  const started = await startGateway([
    ...transform,
    path.join(__dirname, 'modelGateway.ts'),
    String(providerPort),
    folder,
    others,
    ...(postgres ? [POSTGRES_URL!] : []),
  ]);
  const [token] = JSON.parse(started.said.get('tokens') ?? '[]') as string[];
  const secret = byKey ? started.said.get('key') : token;
  return {
    name,
    target: {
      port: started.port,
      path: '/api/models/openai/v1/chat/completions',
      headers: { authorization: `Bearer ${secret}` },
      model: 'balanced',
    },
    process: started,
    async stop() {
      await started.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @returns Portkey's gateway, or why it is not there */
export async function startPortkey(
  providerPort: number,
): Promise<Contestant | { missing: string }> {
  const installed = await installPortkey();
  if ('missing' in installed) {
    return installed;
  }
  const port = await freePort();
  const started = await startGateway(
    [installed.script, `--port=${port}`, '--headless'],
    { port },
  );
  return {
    name: 'portkey',
    target: {
      port,
      path: CHAT,
      headers: {
        authorization: 'Bearer sk-bench',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${providerPort}/v1`,
      },
      model: 'gpt-bench',
    },
    process: started,
    async stop() {
      await started.stop();
      await installed.remove();
    },
  };
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
