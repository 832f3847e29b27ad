import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const VERSION = '4.0.0';

/** As much of its policy engine as is measured. */
export interface PeerEngine {
  loadPolicy(policy: object): void;
  evaluatePolicy(
    agentDid: string,
    context: Record<string, unknown>,
  ): { allowed: boolean };
}

/**
 * The policy engine of `@microsoft/agent-governance-sdk`, installed for the time of the
 * run, because nothing else here needs it; why not, when there is none.
 */
export async function loadPeer(): Promise<PeerEngine | { missing: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'agent-portal-peer-'));
  try {
    await writeFile(
      path.join(folder, 'package.json'),
      JSON.stringify({
        private: true,
        dependencies: { '@microsoft/agent-governance-sdk': VERSION },
      }),
    );
    await promisify(execFile)(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund'],
      { cwd: folder, timeout: 180_000 },
    );
    const { PolicyEngine } = require(path.join(
      folder,
      'node_modules/@microsoft/agent-governance-sdk',
    ));
    return new PolicyEngine();
  } catch (error) {
    return { missing: (error as Error).message.split('\n')[0] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
