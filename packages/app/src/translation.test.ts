import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

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
});
