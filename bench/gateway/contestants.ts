import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Target } from './load';
import { installPortkey } from './portkey';
import { type GatewayProcess, startGateway } from './processes';

/** A gateway under load, or the provider asked directly. */
export interface Contestant {
  name: 'direct' | 'bare' | keyof typeof OTHER_BUDGETS | 'portkey';
  target: Target;
  /** Absent for the provider, which lives in the process of the load. */
  process?: GatewayProcess;
  stop(): Promise<void>;
}

/** Budgets of others that our gateway knows, beside the four that apply. */
const OTHER_BUDGETS = {
  ours: '10000',
  'four only': '0',
  'no budgets': 'none',
} as const;

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
 * Ours has four budgets that apply among 10,000 of others. To compare with: only
 * those four, and none at all.
 */
export async function startOurs(
  providerPort: number,
  name: keyof typeof OTHER_BUDGETS = 'ours',
): Promise<Contestant> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-portal-gateway-'));
  const started = await startGateway([
    ...transform,
    path.join(__dirname, 'modelGateway.ts'),
    String(providerPort),
    folder,
    OTHER_BUDGETS[name],
  ]);
  const [token] = JSON.parse(started.said.get('tokens') ?? '[]') as string[];
  return {
    name,
    target: {
      port: started.port,
      path: '/api/models/openai/v1/chat/completions',
      headers: { authorization: `Bearer ${token}` },
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
