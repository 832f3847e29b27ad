import { existsSync, statfsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { explainFailure } from './failures.mjs';
import { root, toolchainDir } from './paths.mjs';
import { run } from './processes.mjs';
import { SetupError, step } from './say.mjs';

const NODE_VERSION = '24.21.0';
const YARN_VERSION = '4.13.0';

/** Whether the Node that runs this script can run the portal: 22.19 or newer of 22, or 24. */
function suits(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 24 || (major === 22 && minor >= 19);
}

function platformPackage() {
  const os = { linux: 'linux', darwin: 'darwin', win32: 'win' }[
    process.platform
  ];
  if (!os || !['x64', 'arm64'].includes(process.arch)) {
    throw new SetupError(
      `There is no ready-made Node for ${process.platform} on ${process.arch}. Install Node 24 and run the command again.`,
    );
  }
  return `node-${os}-${process.arch}`;
}

/** Puts packages into a folder below the toolchain, beside those of the portal. */
export async function fetchPackages(
  specs,
  { folder = toolchainDir, what = 'Fetching Node and Yarn' } = {},
) {
  mkdirSync(folder, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = await run(
    npm,
    [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      // What they expect beside them is what the portal itself has.
      '--legacy-peer-deps',
      ...specs,
    ],
    { cwd: root, onLine: () => {} },
  ).catch(error => {
    throw new SetupError(
      `npm could not be started (${error.code}). The portal needs Node 20 or newer with npm.`,
    );
  });
  if (result.code !== 0) {
    throw explainFailure(what, result.output);
  }
}

/**
 * Makes sure that there is a Node and a Yarn that the portal can run on, without
 * touching what the machine has. Returns the Node binary, Yarn's program, and an
 * environment in which everything that is started finds the same two.
 */
export async function ensureToolchain() {
  const modules = path.join(toolchainDir, 'node_modules');
  const yarn = path.join(modules, '@yarnpkg/cli-dist/bin/yarn.js');
  const ownNode = suits(process.versions.node);
  const nodePackage = ownNode ? undefined : platformPackage();
  const node = ownNode
    ? process.execPath
    : path.join(
        modules,
        nodePackage,
        'bin',
        process.platform === 'win32' ? 'node.exe' : 'node',
      );

  const missing = !existsSync(yarn) || !existsSync(node);
  if (missing) {
    checkDisk();
    await step(
      ownNode
        ? `Fetching Yarn ${YARN_VERSION}`
        : `Fetching Node ${NODE_VERSION} and Yarn ${YARN_VERSION} (this machine has Node ${process.versions.node})`,
      () =>
        fetchPackages([
          `@yarnpkg/cli-dist@${YARN_VERSION}`,
          ...(ownNode ? [] : [`${nodePackage}@${NODE_VERSION}`]),
        ]),
    );
  }
  const env = {
    ...process.env,
    PATH: [
      path.dirname(node),
      path.join(modules, '.bin'),
      process.env.PATH,
    ].join(path.delimiter),
    // Corepack shims and parent package managers must not switch Yarn or Node.
    YARN_IGNORE_PATH: '1',
  };
  return { node, yarn, env };
}

function checkDisk() {
  const { bavail, bsize } = statfsSync(root);
  const free = (bavail * bsize) / 1e9;
  if (free < 3.5) {
    throw new SetupError(
      `Only ${free.toFixed(
        1,
      )} GB are free on the disk of ${root}; the portal needs about 4 GB for its packages. Free some space and run the command again.`,
    );
  }
}
