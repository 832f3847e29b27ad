import type { Reading, Stretch } from '../text/reading';
import {
  likeness,
  splitIdentifier,
  stemOf,
  stemsOf,
  wordsOf,
  type Word,
} from '../text/words';
import { escaped } from './shape';
import type { Slot } from './slot';

/** A listed value that a text names. */
export interface ChoiceMention extends Stretch {
  value: unknown;
  /** 1 and more: said in full; less: by some of its words or by words of its family. */
  score: number;
}

interface Listed {
  value: unknown;
  lower: string;
  stems: string[];
  /** Stems of what the description says that it stands for: "A motorcycle, B car", "LL = lower left". */
  gloss: string[];
}

const MOST_CHOICES = 200;
const listed = new WeakMap<Slot, Listed[]>();

/** What a description says of each listed value: the words behind it, up to the next comma or value. */
function glossesOf(slot: Slot): Map<string, string[]> {
  const values = (slot.schema.enum ?? [])
    .slice(0, MOST_CHOICES)
    .map(value => String(value).slice(0, 100))
    .filter(Boolean);
  const found = new Map<string, string[]>();
  if (values.length < 2) return found;
  const any = values
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join('|');
  const parts = slot.description.split(
    new RegExp(
      `(?<![\\p{L}\\p{N}_])["'\`]?(${any})["'\`]?(?![\\p{L}\\p{N}_])`,
      'u',
    ),
  );
  for (let at = 1; at + 1 < parts.length; at += 2) {
    const told =
      /^\s*(?:[=:–(-]|is\b|for\b|means\b)?\s*([^,;.)\n]{2,60})/u.exec(
        parts[at + 1],
      )?.[1];
    if (told && !/^(?:and|or)\b/.test(told) && !found.has(parts[at]))
      found.set(parts[at], stemsOf(told));
  }
  // a sentence that merely mentions one value explains none
  return found.size * 2 > values.length ? found : new Map();
}

function listedOf(slot: Slot): Listed[] {
  let known = listed.get(slot);
  if (!known) {
    const glosses = glossesOf(slot);
    known = (slot.schema.enum ?? []).slice(0, MOST_CHOICES).map(value => {
      const text = String(value).slice(0, 100);
      const words = wordsOf(splitIdentifier(text).join(' '));
      const telling = words.filter(word => !word.plain);
      return {
        value,
        gloss: glosses.get(text) ?? [],
        lower: text.toLowerCase().replace(/[_-]+/g, ' '),
        stems: (telling.length ? telling : words).flatMap(word =>
          word.stems.length > 1 ? word.stems.slice(0, 1) : word.stems,
        ),
      };
    });
    listed.set(slot, known);
  }
  return known;
}

/** Whether two slots list the same values. */
export function listsTheSame(a: Slot, b: Slot): boolean {
  const [ours, theirs] = [listedOf(a), listedOf(b)];
  return (
    ours.length === theirs.length &&
    ours.every(({ value }) => theirs.some(other => other.value === value))
  );
}

/** The listed value that an act leads to: "decline" of `accepted` and `declined`. */
export function choiceByAct(
  words: readonly Word[],
  slot: Slot,
): { value: unknown; word: Word } | undefined {
  for (const { stems, value } of listedOf(slot)) {
    const word =
      stems.length === 1 &&
      words.find(({ stems: own }) =>
        own.some(stem => likeness(stem, stems[0]) >= 0.9),
      );
    if (word) return { value, word };
  }
  return undefined;
}

const NOT =
  /(?:\bnot|n['’]t|\bnever|\bno|\bwithout|\bexcept|\bnicht|\bkeine?[nrms]?|\bohne|\bsin|\bsans|\bpas)(?:\s+[\p{L}'’]+){0,2}\s*$|(?:不|没|(?<!有)没有|非|未)\s*$/iu;

/** Words that resemble a stem. */
function meant(
  reading: Reading,
  stem: string,
): { word: Word; weight: number }[] {
  const alike = reading.like(stem);
  if (alike.length) return alike;
  // "negative" for `neg`
  const short = /^[a-z]{3}$/.test(stem)
    ? reading.content.filter(
        word => word.lower.startsWith(stem) && word.lower.length > 5,
      )
    : [];
  return short.map(word => ({ word, weight: 0.9 }));
}

/** Values of a list that a text names, the best first. Words of the act count only when they are the value itself. */
export function choicesIn(reading: Reading, slot: Slot): ChoiceMention[] {
  const all = listedOf(slot);
  const act = reading.act?.words ?? [];
  const found: ChoiceMention[] = [];
  for (const item of all) {
    const literal = reading.literal(item.lower);
    const negated = (start: number) =>
      NOT.test(reading.text.slice(Math.max(0, start - 24), start));
    if (
      literal &&
      !negated(literal.start) &&
      (item.lower.length > 1 || literal.exact)
    ) {
      found.push({
        ...literal,
        value: item.value,
        score: 2 + item.stems.length * 0.1,
      });
      continue;
    }
    // in place of a short code stands what it means
    const coded = item.gloss.length > 0 && item.lower.length <= 3;
    const stems = coded ? item.gloss : item.stems;
    if (!stems.length || (item.lower.length === 1 && !coded)) continue;
    let sum = 0;
    let start = Infinity;
    let end = 0;
    let whole = true;
    for (const stem of stems) {
      const hit = meant(reading, stem)
        .filter(
          match => !act.includes(match.word) && !negated(match.word.start),
        )
        .sort((a, b) => b.weight - a.weight)[0];
      if (!hit) {
        whole = false;
        break;
      }
      sum += hit.weight;
      start = Math.min(start, hit.word.start);
      end = Math.max(end, hit.word.end);
    }
    if (whole && end - start <= (coded ? 40 : item.lower.length + 20))
      found.push({
        value: item.value,
        score: sum / stems.length + stems.length * 0.1,
        start,
        end,
      });
  }
  // "close the lift" is the state closed, where the list has no word of its own for it
  const done =
    found.length || !slot.required ? undefined : choiceByAct(act, slot);
  if (done)
    found.push({
      value: done.value,
      score: 0.9,
      start: done.word.start,
      end: done.word.end,
    });
  return found.sort((a, b) => b.score - a.score || a.start - b.start);
}

const EMPTY =
  /^(?:includ|onli|is|ha|have|with|show|allow|enabl|need|want|should|can|requir|flag|on|the|a|be|do|use|make)$/;
const NO =
  /(?:\bno|\bnobody (?:has|had)|\bnever|\bnot|n['’]t|\bwithout|\bexcept|\bexcluding|\bexclude|\bnon|\bohne|\bnicht|\bkeine?\p{L}*|\bsans|\bsin|\bno need for)[\s-]+(?:[\p{L}]+\s+){0,2}$|(?:不|无|没有|不要|不含|不用)[\p{Script=Han}]{0,2}$/iu;
/** Whether a text says yes or no to a flag, when it speaks of it at all. */
export function flagIn(
  reading: Reading,
  slot: Slot,
): (Stretch & { value: boolean }) | undefined {
  const own = splitIdentifier(slot.name).map(word =>
    stemOf(word.toLowerCase()),
  );
  const telling = own.filter(stem => !EMPTY.test(stem));
  const hits = telling.map(
    stem =>
      meant(reading, stem).filter(
        match => !(reading.act?.words ?? []).includes(match.word),
      )[0],
  );
  if (!telling.length || hits.some(hit => !hit)) return undefined;
  const start = Math.min(...hits.map(hit => hit.word.start));
  const end = Math.max(...hits.map(hit => hit.word.end));
  if (end - start > slot.name.length + 24) return undefined;
  const no = NO.test(reading.text.slice(Math.max(0, start - 30), start));
  const reversed =
    own.includes('no') || own.includes('exclud') || own.includes('without');
  return { value: reversed ? true : !no, start, end };
}

/** Stems of one word against stems of a slot. */
export function nameLikeness(
  stems: readonly string[],
  nouns: Iterable<string>,
): number {
  let best = 0;
  for (const noun of nouns)
    for (const stem of stems) best = Math.max(best, likeness(stem, noun));
  return best;
}
