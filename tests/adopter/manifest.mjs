import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/setup/index.mjs';

const read = file => JSON.parse(readFileSync(file, 'utf8'));

/**
 * The list of Backstage's packages of a release, which `versions:bump` else fetches from Backstage's own
 * site: the versions that we use, and the newest of those that only the app has.
 */
export async function writeManifest(folder) {
  const names = new Set(
    ['', 'packages/app', 'packages/backend']
      .map(part => read(path.join(folder, part, 'package.json')))
      .flatMap(({ dependencies, devDependencies }) =>
        Object.keys({ ...dependencies, ...devDependencies }),
      )
      .filter(name => name.startsWith('@backstage/')),
  );
  const packages = [...names].map(name => {
    const ours = path.join(root, 'node_modules', name, 'package.json');
    const version = existsSync(ours)
      ? read(ours).version
      : execFileSync('npm', ['view', name, 'version'], {
          encoding: 'utf8',
        }).trim();
    return { name, version };
  });
  const { version: releaseVersion } = read(path.join(root, 'backstage.json'));
  const file = path.join(folder, '../release.json');
  writeFileSync(file, JSON.stringify({ releaseVersion, packages }));
  return file;
}
