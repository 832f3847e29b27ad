import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

type Words = Record<string, string | null>;

/** What Backstage keeps in the reference of a translation, as far as it is looked at here. */
interface Ref {
  getDefaultMessages(): Record<string, string>;
  getDefaultResource():
    | {
        resources: {
          language: string;
          loader(): Promise<{ messages: Words }>;
        }[];
      }
    | undefined;
}

const ROOT = path.resolve(__dirname, '../../..');

/** The translation of the app and those of all plugins, by the folder that they are in. */
const files = ['plugins', 'packages']
  .flatMap(place =>
    readdirSync(path.join(ROOT, place)).map(name => path.join(place, name)),
  )
  .filter(folder => existsSync(path.join(ROOT, folder, 'src/translation.ts')));

const placeholders = (message: string) =>
  [...message.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g)]
    .map(([, name]) => name)
    .sort();

/** Of attributes, those that people read or hear. */
const READ = new Set([
  'alt',
  'aria-label',
  'description',
  'empty',
  'failure',
  'label',
  'placeholder',
  'safe',
  'secondaryLabel',
  'title',
]);

/** Texts of components that are in no translation: what stands in JSX, and what attributes say. */
function untranslated(folder: string): string[] {
  const source = path.join(ROOT, folder, 'src');
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.tsx') && !/\.test\.|__/.test(file))
    .flatMap(file => {
      const found: string[] = [];
      const visit = (node: ts.Node) => {
        const text =
          ts.isJsxText(node) ||
          (ts.isStringLiteral(node) &&
            ts.isJsxAttribute(node.parent) &&
            READ.has(node.parent.name.getText()))
            ? node.text.trim().replace(/\s+/g, ' ')
            : '';
        if (/\p{L}{2,}/u.test(text)) found.push(`${file}: ${text}`);
        node.forEachChild(visit);
      };
      visit(
        ts.createSourceFile(
          file,
          readFileSync(path.join(source, file), 'utf8'),
          ts.ScriptTarget.Latest,
          true,
          ts.ScriptKind.TSX,
        ),
      );
      return found;
    });
}

/** Texts that still wait for Chinese. The numbers only ever become smaller. */
const WAITING: Record<string, number> = {
  // The name of the portal, and an address.
  'packages/app': 2,
  'plugins/agents': 55,
  'plugins/evals': 61,
  'plugins/governance': 28,
  'plugins/models': 201,
  'plugins/traces': 8,
};

describe('translations', () => {
  it('are found', () => {
    expect(files).toContain('plugins/agents');
    expect(files.length).toBeGreaterThan(6);
  });

  it.each(files)('of %s have every sentence in Chinese', async folder => {
    // Found by their names, so that a new plugin is held to this too.
    const found: Record<string, unknown> = require(path.join(
      ROOT,
      folder,
      'src/translation.ts',
    ));
    const refs = Object.values(found).filter(value =>
      String(value).startsWith('TranslationRef{'),
    ) as unknown as Ref[];
    expect(refs).not.toEqual([]);
    for (const ref of refs) {
      const english = ref.getDefaultMessages();
      const chinese = ref
        .getDefaultResource()
        ?.resources.find(({ language }) => language === 'zh');
      const { messages } = (await chinese?.loader()) ?? { messages: {} };
      expect(Object.keys(messages).sort()).toEqual(Object.keys(english).sort());
      const sentences = Object.entries(english);
      const translated = (key: string) => messages[key] ?? '';
      expect(
        sentences.map(([key]) => [key, placeholders(translated(key))]),
      ).toEqual(sentences.map(([key, text]) => [key, placeholders(text)]));
      // Names and punctuation may be the same in both; a sentence may not.
      const same = sentences.filter(
        ([key, text]) =>
          /[a-z]{2,} [a-z]{2,}/.test(text) &&
          !/\p{Script=Han}/u.test(translated(key)),
      );
      expect(same).toEqual([]);
    }
  });

  it.each(files)('of %s are where every text of its components is', folder => {
    const texts = untranslated(folder);
    const most = WAITING[folder] ?? 0;
    expect(texts.length > most ? texts : []).toEqual([]);
  });
});
