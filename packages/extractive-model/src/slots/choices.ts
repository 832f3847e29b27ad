import type { Reading, Stretch } from '../text/reading';
import { actsOfStem } from '../text/lexicon';
import { nearness } from '../text/meaning';
import {
  likeness,
  splitIdentifier,
  stemOf,
  wordsOf,
  type Word,
} from '../text/words';
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
}

const MOST_CHOICES = 200;
const listed = new WeakMap<Slot, Listed[]>();

function listedOf(slot: Slot): Listed[] {
  let known = listed.get(slot);
  if (!known) {
    known = (slot.schema.enum ?? []).slice(0, MOST_CHOICES).map(value => {
      const text = String(value).slice(0, 100);
      const words = wordsOf(splitIdentifier(text).join(' '));
      const telling = words.filter(word => !word.plain);
      return {
        value,
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

/** From here on a word stands for a value that means nearly the same. */
const MEANS = 0.61;
const NOT =
  /(?:\bnot|n['’]t|\bnever|\bno|\bwithout|\bexcept|\bnicht|\bkeine?[nrms]?|\bohne|\bsin|\bsans|\bpas)(?:\s+[\p{L}'’]+){0,2}\s*$|(?:不|没|(?<!有)没有|非|未)\s*$/iu;

const ON =
  /\b(?:on|enable|activate|yes|true|ein|an|aktivier\p{L}*)\b|打开|开启|启用/iu;
const OFF =
  /\b(?:off|disable|deactivate|false|aus|deaktivier\p{L}*)\b|关闭|关掉|停用|禁用/iu;

/** Words that resemble a stem, or name an act of its kind: "fixed" for `repaired`. */
function meant(
  reading: Reading,
  stem: string,
  loosely = true,
): { word: Word; weight: number }[] {
  const alike = reading.like(stem);
  if (alike.length) return alike;
  // "negative" for `neg`
  const short = /^[a-z]{3}$/.test(stem)
    ? reading.content.filter(
        word => word.lower.startsWith(stem) && word.lower.length > 5,
      )
    : [];
  if (short.length) return short.map(word => ({ word, weight: 0.9 }));
  const acts = actsOfStem(stem);
  if (!loosely && !acts) return [];
  const near = !loosely
    ? []
    : reading.content.flatMap(word => {
        const cosine = Math.max(...word.stems.map(own => nearness(own, stem)));
        return cosine >= MEANS && cosine < 1 ? [{ word, weight: cosine }] : [];
      });
  if (!acts || near.length) return near;
  return reading.content
    .filter(word =>
      [...(actsOfStem(word.stems[0]) ?? [])].some(act => acts.has(act)),
    )
    .map(word => ({ word, weight: 0.7 }));
}

const EVERYDAY =
  /^(?:people|other|all|any|general|new|open|normal|high|low|on|off|in|out|up|down)$/;

function choicesSaid(
  reading: Reading,
  slot: Slot,
  loosely: boolean,
): ChoiceMention[] {
  const all = listedOf(slot);
  if (
    loosely &&
    ['on', 'off'].every(value => slot.schema.enum?.includes(value))
  ) {
    const off = OFF.test(reading.text);
    return off || ON.test(reading.text)
      ? [{ value: off ? 'off' : 'on', score: 0.9, start: 0, end: 0 }]
      : [];
  }
  const shared = new Map<string, number>();
  for (const item of all)
    for (const stem of new Set(item.stems))
      shared.set(stem, (shared.get(stem) ?? 0) + 1);
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
        // everyday words are as often not meant as a value
        score:
          EVERYDAY.test(item.lower) && !literal.exact
            ? 0.9
            : 2 + item.stems.length * 0.1,
      });
      continue;
    }
    if (!item.stems.length || item.lower.length === 1) continue;
    let sum = 0;
    let start = Infinity;
    let end = 0;
    let missing = 0;
    for (const stem of item.stems) {
      const hit = meant(reading, stem, loosely)
        .filter(
          match => !act.includes(match.word) && !negated(match.word.start),
        )
        .sort((a, b) => b.weight - a.weight)[0];
      if (!hit) {
        missing++;
        continue;
      }
      sum += hit.weight;
      start = Math.min(start, hit.word.start);
      end = Math.max(end, hit.word.end);
    }
    if (!sum) continue;
    const whole = missing === 0 && end - start <= item.lower.length + 20;
    // one telling word of several will do when no other value has it
    const telling = item.stems.some(
      stem =>
        shared.get(stem) === 1 &&
        reading
          .like(stem)
          .some(match => match.weight >= 0.7 && !act.includes(match.word)) &&
        !slot.nouns.includes(stem),
    );
    const ratio = sum / item.stems.length;
    if (whole)
      found.push({
        value: item.value,
        score: ratio + item.stems.length * 0.1,
        start,
        end,
      });
    else if (telling && ratio >= 0.45)
      found.push({ value: item.value, score: ratio * 0.8, start, end });
  }
  return found.sort((a, b) => b.score - a.score || a.start - b.start);
}

/** Values of a list that a text names, the best first. Words of the act count only when they are the value itself. */
export function choicesIn(reading: Reading, slot: Slot): ChoiceMention[] {
  const said = choicesSaid(reading, slot, false);
  return said.length ? said : choicesSaid(reading, slot, true);
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
  const bare = telling.every(stem =>
    /^(?:state|power|activ|switch|valu|statu)$/.test(stem),
  );
  if (bare && slot.required) {
    if (OFF.test(reading.text)) return { value: false, start: 0, end: 0 };
    if (ON.test(reading.text)) return { value: true, start: 0, end: 0 };
    return undefined;
  }
  const hits = telling.map(
    stem =>
      meant(reading, stem).filter(
        match => !(reading.act?.words ?? []).includes(match.word),
      )[0],
  );
  if (!telling.length || hits.some(hit => !hit || hit.weight < MEANS))
    return undefined;
  const start = Math.min(...hits.map(hit => hit.word.start));
  const end = Math.max(...hits.map(hit => hit.word.end));
  if (end - start > slot.name.length + 24) return undefined;
  // "not online" for `offline_only`
  const [opposite] = hits.filter(
    (hit, index) =>
      hit.word.lower !== telling[index] &&
      /^(?:off|un|in|dis|non)/.test(telling[index]) &&
      hit.word.stems[0].slice(-4) === telling[index].slice(-4),
  );
  const no =
    NO.test(reading.text.slice(Math.max(0, start - 30), start)) !==
    Boolean(opposite);
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
