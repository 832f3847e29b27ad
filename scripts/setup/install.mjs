import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { explainFailure } from './failures.mjs';
import { root } from './paths.mjs';
import { run } from './processes.mjs';
import { step } from './say.mjs';

const stamp = path.join(root, 'node_modules/.agent-portal-install');

/** Everything that decides what is installed: the lockfile, its settings and every manifest. */
function fingerprint() {
  const files = ['yarn.lock', '.yarnrc.yml', 'package.json'];
  for (const workspace of ['packages', 'plugins', 'examples']) {
    for (const name of readdirSync(path.join(root, workspace)).sort()) {
      files.push(`${workspace}/${name}/package.json`);
    }
  }
  const hash = createHash('sha256');
  for (const file of files) {
    const full = path.join(root, file);
    if (existsSync(full)) hash.update(file).update(readFileSync(full));
  }
  return hash.digest('hex');
}

/** Installs from the committed lockfile when what is installed is not what it says. */
export async function ensureInstalled({ node, yarn, env }) {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  await step('Installing packages', async detail => {
    const result = await run(node, [yarn, 'install', '--immutable'], {
      cwd: root,
      env,
      onLine: line => {
        const stage = line.match(/┌ (.+ step)/)?.[1];
        if (stage) detail(stage.toLowerCase());
      },
    });
    if (result.code !== 0) {
      throw explainFailure('Installing packages', result.output);
    }
  });
  writeFileSync(stamp, wanted);
}
