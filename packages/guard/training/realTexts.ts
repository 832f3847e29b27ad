import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { windowsOf } from '../src/text/windows';
import { type Example, randomOf } from './expand';

/** Of one source, so that none outweighs the others. */
const PER_SOURCE = 2_500;

/**
 * What people wrote for other people, and which steers nobody: the documents of this
 * repository, the README files of its dependencies, and TypeScript's messages in other
 * languages (Apache-2.0). Only weights of n-grams of it are kept.
 *
 * @param more - a folder with more texts, see README.md
 */
export function realTexts(root: string, more?: string): Example[] {
  const modules = path.join(root, 'node_modules');
  const names = readdirSync(modules).filter(name => !name.startsWith('.'));
  const packages = names.flatMap(name =>
    name.startsWith('@')
      ? readdirSync(path.join(modules, name)).map(each => `${name}/${each}`)
      : [name],
  );
  const readmes = packages
    .map(name => path.join(modules, name, 'README.md'))
    .filter(file => existsSync(file));
  const docs = globSync(
    [
      'docs/**/*.md',
      '*.md',
      'examples/**/*.{md,yaml}',
      'catalog/**/*.{md,yaml}',
    ],
    { cwd: root, exclude: file => file.includes('node_modules') },
  ).map(file => path.join(root, file));
  const languages = ['de', 'es', 'fr', 'it', 'ja', 'pt-br', 'ru', 'zh-cn'].map(
    language =>
      Object.values<string>(
        JSON.parse(
          readFileSync(
            path.join(
              modules,
              `typescript/lib/${language}/diagnosticMessages.generated.json`,
            ),
            'utf8',
          ),
        ),
      ),
  );
  const read = (files: string[]) =>
    files.flatMap(file =>
      [...windowsOf(readFileSync(file, 'utf8'))].map(text => ({
        text,
        source: path.relative(root, file),
      })),
    );
  const prose = more
    ? readdirSync(more).map(name => path.join(more, name))
    : [];
  return [
    ...sample(read(prose), 4 * PER_SOURCE),
    ...sample(read(readmes), 3 * PER_SOURCE),
    ...sample(read(docs), 2 * PER_SOURCE),
    ...languages.flatMap((texts, i) =>
      sample(
        texts.map((text, j) => ({ text, source: `messages ${i} ${j % 50}` })),
        PER_SOURCE,
      ),
    ),
  ];
}

function sample(
  texts: Array<{ text: string; source: string }>,
  count: number,
): Example[] {
  const random = randomOf(texts.length);
  return texts
    .map(each => ({ ...each, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, count)
    .map(({ text, source }) => ({
      text,
      family: `0:real ${source}`,
      label: 0,
    }));
}
