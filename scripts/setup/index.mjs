import { ensureInstalled } from './install.mjs';
import { ensureToolchain } from './toolchain.mjs';

export { root, dataDir } from './paths.mjs';
export { main, say, step, SetupError } from './say.mjs';
export { run, start, stopAll } from './processes.mjs';

/** Node, Yarn and every package in place; instant when they already are. */
export async function setup() {
  const tools = await ensureToolchain();
  await ensureInstalled(tools);
  return tools;
}
