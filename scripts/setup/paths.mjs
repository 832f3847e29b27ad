import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../..',
);

/** Where Node and Yarn are kept when the machine lacks them. */
export const toolchainDir = path.join(root, '.toolchain');

/** The portal's data: databases, Git repositories of agents, the example company. */
export const dataDir = path.resolve(
  root,
  'packages/backend',
  process.env.AGENT_PORTAL_DATA ?? '../../.data',
);
