import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Gives the portal of this command data of its own, which goes with it. Must be called before anything
 * of the set-up is imported, which reads where the data is.
 */
export function withEmptyData(purpose) {
  const data = mkdtempSync(path.join(os.tmpdir(), `agent-portal-${purpose}-`));
  process.once('exit', () => rmSync(data, { recursive: true, force: true }));
  process.env.AGENT_PORTAL_DATA = data;
}
