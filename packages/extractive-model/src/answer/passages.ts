import { likeness } from '../lexicon/synonyms';
import { contentWords, isTypoOf, wordsOf } from '../lexicon/words';
import { isRow, type Row } from './data';
import { labelOf, valueText } from './format';

const TEXT_KEY =
  /^(?:text|body|content|snippet|passage|excerpt|answer|summary|description|section_?text|markdown|policy|value)$/i;
const TITLE_KEY = /^(?:title|heading|name|section|topic|document|source)$/i;

function longText(row: Row): string | undefined {
  const entry = Object.entries(row).find(
    ([key, value]) =>
      TEXT_KEY.test(key) && typeof value === 'string' && value.length > 60,
  );
  return entry?.[1] as string | undefined;
}

/** True when rows are pieces of prose rather than records. */
export function looksLikePassages(rows: Row[]): boolean {
  const withText = rows.filter(
    row => longText(row) !== undefined && Object.keys(row).length <= 8,
  );
  const plain = rows.filter(row =>
    Object.values(row).every(value => typeof value !== 'number' || value <= 1),
  );
  return withText.length === rows.length && plain.length === rows.length;
}

function sentencesOf(text: string): string[] {
  return text
    .replace(/\r/g, '')
    .split(/\n+|(?<=[.!?])\s+(?=[\p{Lu}\d"“])/u)
    .map(sentence => sentence.trim())
    .filter(sentence => /\p{L}{2}/u.test(sentence));
}

interface Scored {
  sentence: string;
  order: number;
  source: number;
  score: number;
}

/** Scores sentences by the rarity of the question's words in them; a sentence's neighbours and title count a little. */
function scored(
  texts: { title: string; text: string }[],
  question: string,
): Scored[] {
  const asked = contentWords(question);
  const all = texts.flatMap(({ title, text }, source) =>
    sentencesOf(text).map((sentence, order) => ({
      sentence,
      order,
      source,
      title,
      words: wordsOf(sentence),
    })),
  );
  const holds = (words: { stem: string; lower: string }[], stem: string) =>
    Math.max(
      0,
      ...words.map(word =>
        word.stem === stem || isTypoOf(word.stem, stem)
          ? 1
          : likeness(word.stem, stem),
      ),
    );
  const wantsNumber =
    /\bhow (?:many|much|long|often|far|soon|old)\b|\bwhen\b|\bmaximum|\blimit\b/i.test(
      question,
    );
  const raw = all.map(item => {
    let score = 0;
    for (const word of asked) {
      const frequency = all.filter(
        other => holds(other.words, word.stem) > 0,
      ).length;
      if (!frequency) continue;
      const rarity = Math.log(1 + all.length / frequency);
      score += holds(item.words, word.stem) * rarity;
      score += holds(wordsOf(item.title), word.stem) * 0.35;
    }
    if (
      wantsNumber &&
      /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty)\b/i.test(
        item.sentence,
      ) &&
      score > 0
    )
      score *= 1.35;
    return {
      ...item,
      score: score / (1 + Math.max(0, item.words.length - 30) / 60),
    };
  });
  return raw.map((item, index) => {
    const before = raw[index - 1];
    const near = before?.source === item.source ? before.score * 0.15 : 0;
    return {
      sentence: item.sentence,
      order: item.order,
      source: item.source,
      score: item.score + near - item.source * 0.05,
    };
  });
}

function select(
  texts: { title: string; text: string }[],
  question: string,
  most: number,
): Scored[] {
  const ranked = scored(texts, question).sort((a, b) => b.score - a.score);
  const top = ranked[0]?.score ?? 0;
  if (top <= 0) return [];
  return ranked.filter(item => item.score >= top * 0.45).slice(0, most);
}

/** The best sentences of several passages, each under the passage that it stands in. */
export function passagesText(rows: Row[], question: string): string {
  const texts = rows.map(row => {
    const title = Object.entries(row).find(
      ([key, value]) => TITLE_KEY.test(key) && typeof value === 'string',
    );
    return {
      title: String(title?.[1] ?? ''),
      text:
        longText(row) ??
        Object.values(row)
          .filter(value => typeof value === 'string')
          .join('. '),
    };
  });
  const best = select(texts, question, 5);
  if (!best.length) return 'The passages found do not say anything about that.';
  const sources = [...new Set(best.map(item => item.source))];
  return sources
    .map(source => {
      const quotes = best
        .filter(item => item.source === source)
        .sort((a, b) => a.order - b.order)
        .map(item => item.sentence.replace(/^[-*#>\s]+/, ''));
      const { title } = texts[source];
      return title ? `**${title}**: ${quotes.join(' ')}` : quotes.join(' ');
    })
    .join('\n\n');
}

/** A document in sections: its facts, and all of it when it is asked for whole, else the sections that fit. */
function sectionsText(row: Row, parts: Row[], question: string): string {
  const facts = Object.entries(row)
    .filter(
      ([, value]) =>
        value !== null && typeof value !== 'object' && value !== '',
    )
    .map(([key, value]) => `${labelOf([key])}: ${valueText(value, key, row)}`);
  const asksSomething =
    /\b(?:what|when|who|which|how|where|why|does|do|is|are|can|may)\b/i.test(
      question,
    ) && !/\b(?:full|whole|entire|complete)\b/i.test(question);
  const best = asksSomething ? passagesText(parts, question) : '';
  const all = parts.map(part => {
    const title = Object.entries(part).find(([key]) =>
      TITLE_KEY.test(key),
    )?.[1];
    return `${title ? `**${title}**: ` : ''}${longText(part) ?? ''}`;
  });
  return [
    facts.join(' · '),
    best && !/do not say anything/.test(best) ? best : all.join('\n\n'),
  ].join('\n\n');
}

/** A document with one long text: its best sentences, and the short facts beside it. */
export function documentText(row: Row, question: string): string | undefined {
  const parts = Object.values(row).find(
    (value): value is Row[] =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every(isRow) &&
      looksLikePassages(value),
  );
  if (parts) return sectionsText(row, parts, question);
  const text = longText(row);
  if (!text || text.length < 120) return undefined;
  const title = Object.entries(row).find(
    ([key, value]) => TITLE_KEY.test(key) && typeof value === 'string',
  )?.[1];
  const best = select([{ title: String(title ?? ''), text }], question, 5).sort(
    (a, b) => a.order - b.order,
  );
  const quotes = best.length
    ? best.map(item => item.sentence.replace(/^[-*#>\s]+/, '')).join(' ')
    : text.slice(0, 600);
  const facts = Object.entries(row)
    .filter(
      ([, value]) =>
        value !== text &&
        value !== title &&
        !isRow(value) &&
        !Array.isArray(value) &&
        value !== null &&
        value !== '',
    )
    .map(([key, value]) => `${labelOf([key])}: ${valueText(value, key, row)}`);
  return [
    title ? `**${title}**: ${quotes}` : quotes,
    facts.length ? facts.join(' · ') : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}

/**
 * Ends every list with an empty line. Without one, Markdown reads the line after
 * a list as part of its last item.
 */
function withListsEnded(text: string): string {
  return text.replace(
    /^([ \t]*(?:[-*•]|\d+[.)])\s.*)\n(?![ \t]*(?:[-*•]|\d+[.)])\s|\s*$)/gm,
    '$1\n\n',
  );
}

/** Prose of a tool: whole when short, else its best sentences. */
export function proseText(text: string, question: string): string {
  const trimmed = withListsEnded(text.trim());
  if (trimmed.length <= 1200) return trimmed;
  const best = select([{ title: '', text: trimmed }], question, 6).sort(
    (a, b) => a.order - b.order,
  );
  return best.length
    ? best.map(item => item.sentence).join('\n')
    : `${trimmed.slice(0, 800)} …`;
}
