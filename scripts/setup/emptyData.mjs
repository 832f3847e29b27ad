import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const artifacts = path.resolve(import.meta.dirname, '../../.artifacts/logs');

/**
 * Gives the portal of this command data of its own, which goes with it; its logs are left under .artifacts/logs.
 * Must be called before anything of the set-up is imported, which reads where the data is.
 */
export function withEmptyData(purpose) {
  const data = mkdtempSync(path.join(os.tmpdir(), `agent-portal-${purpose}-`));
  process.once('exit', () => {
    const logs = path.join(data, 'logs');
    if (existsSync(logs)) {
      cpSync(logs, path.join(artifacts, purpose), { recursive: true });
    }
    rmSync(data, { recursive: true, force: true });
  });
  process.env.AGENT_PORTAL_DATA = data;
}
