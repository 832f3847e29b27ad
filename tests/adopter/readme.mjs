import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, SetupError, step } from '../../scripts/setup/index.mjs';
import { writeManifest } from './manifest.mjs';

/** The chapter, and what it says to do: the code blocks in their order. */
function readBlocks() {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, chapter] = /\n## Install into your own Backstage\n(.*?)\n## /s.exec(
    readme,
  );
  return [...chapter.matchAll(/```(\w+)\n(.*?)```/gs)].map(
    ([, language, text]) => ({ language, text }),
  );
}

/** Does what the README says, in the app of `folder`. */
export async function followReadme(tools, folder) {
  for (const { language, text } of readBlocks()) {
    if (language === 'sh') {
      for (const command of text.trim().split('\n')) {
        await step(command, () => runCommand(tools, folder, command));
      }
    } else {
      await step(text.split('\n')[0], () => write(folder, text));
    }
  }
}

async function runCommand({ node, yarn, env }, folder, command) {
  const [program, ...args] = command.split(/\s+/);
  if (program !== 'yarn') {
    throw new SetupError(`The README says "${command}", which is no yarn.`);
  }
  // The app's own CLI is there once it has been installed; ours is the same one.
  const bump = args[1] === 'versions:bump';
  const { code, output } = await run(
    node,
    bump
      ? [
          path.join(root, 'node_modules/.bin/backstage-cli'),
          ...args.slice(1),
          '--skip-install',
          '--skip-migrate',
        ]
      : [yarn, ...args],
    {
      cwd: folder,
      env: {
        ...env,
        ...(bump && { BACKSTAGE_MANIFEST_FILE: await writeManifest(folder) }),
        // Else Yarn refuses to write a lockfile.
        CI: '',
        YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      },
      onLine: () => {},
    },
  );
  if (code !== 0) {
    throw new SetupError(`"${command}" failed:\n${output.slice(-3000)}`);
  }
}

/** The first line of a block is a comment that names its file, and perhaps before what it goes. */
function write(folder, text) {
  const [, name, before] = /^(?:\/\/|#) ([^\s,]+)(?:, before `(.*)`)?\n/.exec(
    text,
  );
  const file = path.join(folder, name);
  if (!before) {
    writeFileSync(file, text);
    return;
  }
  const there = readFileSync(file, 'utf8');
  if (!there.includes(before)) {
    throw new SetupError(`There is no "${before}" in ${name} of a new app.`);
  }
  writeFileSync(
    file,
    there.replace(before, () => `${text}\n${before}`),
  );
}
