import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { explainFailure } from './failures.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';
import { step } from './say.mjs';

const FRONTEND_ROLES = new Set([
  'frontend',
  'frontend-plugin',
  'frontend-plugin-module',
  'web-library',
  'common-library',
]);

const stamp = path.join(root, 'packages/app/dist/.built-from');

function* files(dir) {
  const entries = readdirSync(dir, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const full = path.join(dir, entry.name);
    if (entry.isDirectory()) yield* files(full);
    else if (!/\.test\.tsx?$/.test(entry.name)) yield full;
  }
}

/** What the built front end depends on: the sources of every package that runs in the browser. */
function fingerprint() {
  const hash = createHash('sha256');
  hash.update(readFileSync(path.join(root, 'yarn.lock')));
  for (const workspace of ['packages', 'plugins']) {
    for (const name of readdirSync(path.join(root, workspace)).sort()) {
      const dir = path.join(root, workspace, name);
      const manifest = path.join(dir, 'package.json');
      if (!existsSync(manifest)) continue;
      const text = readFileSync(manifest, 'utf8');
      if (!FRONTEND_ROLES.has(JSON.parse(text).backstage?.role)) continue;
      hash.update(text);
      for (const part of ['src', 'public']) {
        const folder = path.join(dir, part);
        if (!existsSync(folder)) continue;
        for (const file of files(folder)) {
          hash.update(path.relative(root, file)).update(readFileSync(file));
        }
      }
    }
  }
  return hash.digest('hex');
}

/** Builds the front end when its sources are not those it was built from. */
export async function ensureFrontendBuilt({ node, yarn, env }) {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  await step('Building the front end (once for each version)', async () => {
    const result = await run(node, [yarn, 'workspace', 'app', 'build'], {
      cwd: root,
      env: { ...env, NODE_ENV: 'production' },
      onLine: () => {},
    });
    if (result.code !== 0) {
      throw explainFailure('Building the front end', result.output);
    }
  });
  writeFileSync(stamp, wanted);
}
