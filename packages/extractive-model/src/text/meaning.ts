import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/**
 * What words mean, from public sources: vectors of English stems (GloVe drawn together by WordNet) and English words for
 * Chinese ones (CC-CEDICT). `assets/README.md` says where they come from. Each is read when it is first needed.
 */
const asset = (name: string) =>
  readFileSync(
    join(
      dirname(require.resolve('@agentportal/extractive-model/package.json')),
      'assets',
      name,
    ),
  );
/** Makes a value when it is first asked for. */
export const once = <T>(make: () => T) => {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};

const SIZE = 100;
const vectors = once(() => {
  const rank = new Map(
    asset('words.txt')
      .toString()
      .split(' ')
      .map((stem, index) => [stem, index]),
  );
  const bytes = asset('words.bin');
  const values = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return { rank, values, lengths: new Float32Array(rank.size) };
});

function lengthOf(row: number): number {
  const { values, lengths } = vectors();
  if (!lengths[row]) {
    let sum = 0;
    for (let i = row * SIZE; i < (row + 1) * SIZE; i++) sum += values[i] ** 2;
    lengths[row] = Math.sqrt(sum) || 1;
  }
  return lengths[row];
}

/** How near two English stems are in meaning: the cosine of their vectors; 0 when one is not known. */
export function nearness(a: string, b: string): number {
  const { rank, values } = vectors();
  const [x, y] = [rank.get(a), rank.get(b)];
  if (x === undefined || y === undefined) return 0;
  let dot = 0;
  for (let i = 0; i < SIZE; i++)
    dot += values[x * SIZE + i] * values[y * SIZE + i];
  return dot / (lengthOf(x) * lengthOf(y));
}

/** True for stems that are common in English, whatever they are elsewhere: "table", "court". */
export function isCommonEnglish(stem: string): boolean {
  return (vectors().rank.get(stem) ?? Infinity) < 10_000;
}

/** How much a stem tells: near 0 for words that are everywhere, 1 for rare and unknown ones. */
export function tellingness(stem: string): number {
  const row = vectors().rank.get(stem) ?? 20_000;
  return Math.min(1, Math.max(0.1, Math.log10(row + 10) / 3 - 0.35));
}

const chinese = once(
  () =>
    new Map(
      brotliDecompressSync(asset('zh.txt.br'))
        .toString()
        .split('\n')
        .map((line): [string, string] => {
          const space = line.indexOf(' ');
          return [line.slice(0, space), line.slice(space + 1)];
        }),
    ),
);

/** What a Chinese word is in English. */
export function fromChinese(word: string): readonly string[] | undefined {
  return chinese().get(word)?.split(' ');
}

/** The pocket dictionary of a language: `english=word,word`, with spaces between. */
export const dictionaryOf = (language: string) =>
  asset(`${language}.txt`).toString();
