import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, SetupError } from '../../scripts/setup/index.mjs';

/** Native packages whose newest versions are not on every registry; the same as we take. */
const PINNED = [
  'better-sqlite3',
  '@swc/core',
  'unrs-resolver',
  'rollup',
  'got',
];

/** What `create-app` makes, before anything is installed; our packages come from `registry`. */
export async function createApp({ env }, folder, registry) {
  const { code, output } = await run(
    'sh',
    [
      '-c',
      `echo adopter | npx --yes @backstage/create-app@latest --skip-install --path ${folder}`,
    ],
    { cwd: path.dirname(folder), env, onLine: () => {} },
  );
  if (code !== 0) {
    throw new SetupError(`create-app failed:\n${output.slice(-3000)}`);
  }
  const file = path.join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const { resolutions } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  for (const name of PINNED) {
    manifest.resolutions[name] = resolutions[name];
  }
  writeFileSync(file, JSON.stringify(manifest, null, 2));
  appendFileSync(
    path.join(folder, '.yarnrc.yml'),
    [
      '',
      'enableScripts: false',
      // Yarn 4.13 does not survive the repetition of a request on Node 24.
      'httpRetry: 0',
      'unsafeHttpWhitelist: [127.0.0.1]',
      'npmScopes:',
      `  agentportal: { npmRegistryServer: '${registry}' }`,
      '',
    ].join('\n'),
  );
}
