import type { Reading } from '../text/reading';
import { likeness, wordsOf } from '../text/words';
import type { Row } from './data';

const TEXT_KEY =
  /^(?:text|body|content|snippet|passage|excerpt|answer|summary|description|section_?text|markdown|policy|value)$/i;
const TITLE_KEY = /^(?:title|heading|name|section|topic|document|source)$/i;
const MOST_SENTENCES = 300;

function longText(row: Row): string | undefined {
  return Object.entries(row).find(
    ([key, value]) =>
      TEXT_KEY.test(key) && typeof value === 'string' && value.length > 60,
  )?.[1] as string | undefined;
}

function titleOf(row: Row): string {
  return String(
    Object.entries(row).find(
      ([key, value]) => TITLE_KEY.test(key) && typeof value === 'string',
    )?.[1] ?? '',
  );
}

/** True when rows are pieces of prose rather than records. */
export function looksLikePassages(rows: Row[]): boolean {
  return rows.every(
    row =>
      longText(row) !== undefined &&
      Object.keys(row).length <= 8 &&
      Object.values(row).every(
        value => typeof value !== 'number' || value <= 1,
      ),
  );
}

interface Sentence {
  text: string;
  order: number;
  source: number;
  score: number;
}

/** The sentences that hold the question's rare words; neighbours and titles count a little. */
function select(
  texts: { title: string; text: string }[],
  question: Reading,
  most: number,
): Sentence[] {
  const all = texts
    .flatMap(({ title, text }, source) =>
      text
        .replace(/\r/g, '')
        .split(/\n+|(?<=[.!?])\s+(?=[\p{Lu}\d"“])|(?<=[。！？])/u)
        .map(sentence => sentence.trim())
        .filter(sentence => /[\p{L}]{2}/u.test(sentence))
        .map((sentence, order) => ({
          text: sentence,
          order,
          source,
          title,
          stems: new Set(
            wordsOf(sentence.slice(0, 1_000)).flatMap(word => word.stems),
          ),
        })),
    )
    .slice(0, MOST_SENTENCES);
  const titles = texts.map(
    ({ title }) =>
      new Set(wordsOf(title.slice(0, 200)).flatMap(word => word.stems)),
  );
  const asked = question.content.slice(0, 40);
  const holds = (stems: ReadonlySet<string>, own: readonly string[]) => {
    if (own.some(stem => stems.has(stem))) return 1;
    let best = 0;
    for (const stem of stems)
      for (const other of own) best = Math.max(best, likeness(stem, other));
    return best * 0.8;
  };
  const scores = all.map(() => 0);
  for (const word of asked) {
    const held = all.map(item => holds(item.stems, word.stems));
    const frequency = held.filter(Boolean).length;
    if (!frequency) continue;
    const rarity = Math.log(1 + all.length / frequency);
    held.forEach((by, index) => {
      scores[index] +=
        by * rarity + holds(titles[all[index].source], word.stems) * 0.35;
    });
  }
  const ranked = all.map((item, index) => {
    const score = scores[index] / (1 + Math.max(0, item.stems.size - 30) / 60);
    const near =
      all[index - 1]?.source === item.source ? scores[index - 1] * 0.15 : 0;
    return {
      text: item.text.replace(/^[-*#>\s]+/, ''),
      order: item.order,
      source: item.source,
      score: score + near - item.source * 0.05,
    };
  });
  ranked.sort((a, b) => b.score - a.score);
  const top = ranked[0]?.score ?? 0;
  return top <= 0
    ? []
    : ranked.filter(item => item.score >= top * 0.45).slice(0, most);
}

const inOrder = (sentences: Sentence[]) =>
  [...sentences].sort((a, b) => a.source - b.source || a.order - b.order);

/** The best sentences of several passages, each under the passage that it stands in. */
export function passagesText(
  rows: Row[],
  question: Reading,
): string | undefined {
  const texts = rows.slice(0, 50).map(row => ({
    title: titleOf(row),
    text:
      longText(row) ??
      Object.values(row)
        .filter(value => typeof value === 'string')
        .join('. '),
  }));
  const best = inOrder(select(texts, question, 5));
  if (!best.length) return undefined;
  return [...new Set(best.map(item => item.source))]
    .map(source => {
      const quotes = best
        .filter(item => item.source === source)
        .map(item => item.text)
        .join(' ');
      return texts[source].title
        ? `**${texts[source].title}**: ${quotes}`
        : quotes;
    })
    .join('\n\n');
}

/** Prose of a tool: whole when short, else its best sentences. */
export function proseText(text: string, question: Reading): string {
  const trimmed = text.trim();
  if (trimmed.length <= 1_200) return trimmed;
  const best = inOrder(select([{ title: '', text: trimmed }], question, 6));
  return best.length
    ? best.map(item => item.text).join('\n')
    : `${trimmed.slice(0, 800)} …`;
}
