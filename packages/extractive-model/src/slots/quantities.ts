import type { NumberMention } from '../text/numbers';
import { nearness } from '../text/meaning';
import { splitIdentifier } from '../text/words';
import { nameLikeness } from './choices';
import { typeOf, type Slot } from './slot';

/** Each line: measures of one dimension, with their size in the first. */
const DIMENSIONS = [
  's=1 sec=1 second=1 sekunde=1 秒=1 seconde=1 segundo=1 ms=0.001 millisecond=0.001 min=60 minute=60 分钟=60 minuto=60 h=3600 hr=3600 hour=3600 stunde=3600 小时=3600 heure=3600 hora=3600 day=86400 tag=86400 天=86400 jour=86400 día=86400 week=604800 woche=604800 周=604800 semaine=604800 semana=604800',
  'age=12 岁=12 month=1 monat=1 个月=1 月=1 mois=1 mes=1 year=12 jahr=12 年=12 an=12 année=12 año=12',
  'g=1 gram=1 gramm=1 克=1 kg=1000 kilo=1000 kilogram=1000 kilogramm=1000 公斤=1000 千克=1000 mg=0.001 t=1000000 ton=1000000 tonne=1000000 吨=1000000',
  'mm=0.001 cm=0.01 m=1 metre=1 meter=1 米=1 km=1000 kilometre=1000 kilometer=1000 公里=1000',
  'ml=1 l=1000 litre=1000 liter=1000 升=1000 毫升=1',
  'mb=1 megabyte=1 gb=1000 gigabyte=1000 tb=1000000 kb=0.001',
  '%=1 percent=1 pct=1 prozent=1',
  '°=1 degree=1 celsius=1 grad=1 度=1 c=1 °c=1',
];
const measures = new Map<string, { dimension: number; size: number }>();
DIMENSIONS.forEach((line, dimension) => {
  for (const entry of line.split(' ')) {
    const [word, size] = entry.split('=');
    measures.set(word, { dimension, size: Number(size) });
  }
});

const measureOf = (word: string) =>
  measures.get(word) ??
  measures.get(word.replace(/(?:es|en|s|n)$/, '')) ??
  measures.get(word.replace(/s$/, ''));

/** True for words such as `kg` and `hours`. */
export const measured = (unit: string) => measureOf(unit) !== undefined;

const LIMIT =
  /^(?:n|max|first|size|take|newest|limit|top|top_?n|max_?results|page_?size|results|per_?page|how_?many|max_?items)$/i;
const MONEY =
  /amount|price|cost|total|budget|fee|salary|refund|fare|rent|wage|bid|balance|spend|income|payment|deposit|tip|donation/i;
const RANKED =
  /^(?:top|first|last|latest|newest|biggest|largest|highest|lowest|longest|shortest|recent|oldest|best|worst|cheapest|erste\w*|letzte\w*|前|最近|最新)$/;
const ITEMS = /^(?:result|entri|row|item|record|hit|line)$/;

/** The measure that a slot counts in, by the last word of its name or "in minutes" in its description. */
function measureOfSlot(
  slot: Slot,
): { dimension: number; size: number } | undefined {
  const words = splitIdentifier(slot.name).map(word => word.toLowerCase());
  for (const word of [...words].reverse()) {
    if (word.length === 1 && words.length === 1) continue;
    const measure = measureOf(word);
    if (measure) return measure;
  }
  const described =
    /\b(?:in|of)\s+(?:whole |full )?(\p{L}+)\b|\((\p{L}+|%)\)|^(?:\p{L}+ )?(minutes|hours|days|percent|seconds|weeks|months|kilograms|degrees)\b/iu.exec(
      slot.description,
    );
  return described
    ? measureOf((described[1] ?? described[2] ?? described[3]).toLowerCase())
    : undefined;
}

/** A number that a slot takes. */
export interface Quantity {
  value: number;
  score: number;
  start: number;
  end: number;
}

function scoreOf(mention: NumberMention, slot: Slot): number {
  const { name } = slot;
  const bounds = splitIdentifier(name).map(word => word.toLowerCase());
  const lower =
    (bounds.some(word =>
      /^(?:min|minimum|least|from|above|over|since|after)$/.test(word),
    ) &&
      !(mention.unit && measureOf(mention.unit) && bounds.includes('since'))) ||
    /^(?:at least|least|lowest|minimum)/i.test(slot.description);
  const upper =
    bounds.some(word =>
      /^(?:max|maximum|most|under|below|up|to|until|before)$/.test(word),
    ) || /^(?:at most|highest|maximum|up to)/i.test(slot.description);
  const near = [...mention.after.slice(0, 2), ...mention.before.slice(0, 3)];
  const ranked =
    (mention.before[0] && RANKED.test(mention.before[0].lower)) ||
    (mention.after[0] && RANKED.test(mention.after[0].lower));
  // "the five statements with the highest mean time"
  const most =
    !mention.unit.match(/^\p{Lu}/u) &&
    mention.after.slice(1, 5).some(word => RANKED.test(word.lower));
  if (LIMIT.test(name))
    return ranked ||
      most ||
      near
        .slice(0, 1)
        .some(word => word.stems.some(stem => ITEMS.test(stem))) ||
      mention.bound === 'max'
      ? 2
      : 0;
  const measure = measureOfSlot(slot);
  const given = measureOf(mention.unit);
  let score = 0;
  // "number 2", "第 88 期", "2 号" stand for the one thing that has numbers
  if (
    /^(?:number|no|nr|nummer|#)$/.test(mention.before[0]?.lower ?? '') ||
    /^(?:号|期|页|集|章)$/.test(mention.unit)
  )
    score += 1.8;
  // a year stands alone
  if (
    mention.value >= 1900 &&
    mention.value < 2100 &&
    slot.nouns.some(noun => noun === 'year' || nearness(noun, 'year') >= 0.28)
  )
    score += 2;
  for (const [index, word] of near.entries()) {
    const like = nameLikeness(word.stems, slot.nouns);
    const described = nameLikeness(word.stems, slot.stems);
    if (like >= 0.7) score += index === 0 || index === 2 ? 2 : 1.3;
    else if (described >= 0.9 && !word.plain)
      score += index === 0 || index === 2 ? 1 : 0.6;
  }
  if (measure && given)
    score += measure.dimension === given.dimension ? 2.5 : -4;
  else if (given && !measure && score < 1 && !ranked) score -= 0.8;
  const money =
    MONEY.test(name) ||
    /\b(?:eur|euro|usd|dollars?|gbp)\b/i.test(
      `${name.replace(/_/g, ' ')} ${slot.description}`,
    );
  if (money) score += mention.currency ? 2.5 : 0;
  else if (mention.currency) score -= 2.5;
  if (lower || upper) {
    const fits =
      (lower && mention.bound === 'min') || (upper && mention.bound === 'max');
    const sole = !mention.bound && slot.required;
    if (fits) return score + 2.2;
    if (sole) return score;
    const led = /^(?:for|with|unter|bis)$/i.test(
      mention.before[0]?.lower ?? '',
    );
    return upper && led && score >= 1.5 ? score - 1 : 0;
  }
  if (mention.bound) score -= 0.5;
  if (ranked && score < 0.6) return 0;
  if (slot.required) score += 0.8;
  // what has decimals is hardly anything else
  if (!Number.isInteger(mention.value) && score > 0) score += 1;
  return score;
}

/** The value that a mention has for a slot, in the slot's measure and within its bounds. */
function valueFor(mention: NumberMention, slot: Slot): number | undefined {
  const { schema } = slot;
  let { value } = mention;
  const measure = measureOfSlot(slot);
  const given = measureOf(mention.unit);
  if (
    measure &&
    given &&
    measure.dimension === given.dimension &&
    measure.size !== given.size
  )
    value = Math.round(((value * given.size) / measure.size) * 1e6) / 1e6;
  if (
    /\bcents?\b|minor units?/i.test(
      `${slot.name.replace(/_/g, ' ')} ${slot.description}`,
    ) &&
    !/^cents?$/.test(mention.unit)
  )
    value = Math.round(value * 100);
  if (mention.percent && schema.maximum === 1 && value > 1) value /= 100;
  if (typeOf(schema) === 'integer' && !Number.isInteger(value))
    return undefined;
  if (LIMIT.test(slot.name) && schema.maximum !== undefined)
    return Math.min(value, schema.maximum);
  if (schema.minimum !== undefined && value < schema.minimum) return undefined;
  if (schema.maximum !== undefined && value > schema.maximum) return undefined;
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum)
    return undefined;
  if (schema.exclusiveMaximum !== undefined && value >= schema.exclusiveMaximum)
    return undefined;
  return value;
}

/** Numbers that a slot may take, the best first. */
export function quantitiesFor(
  mentions: NumberMention[],
  slot: Slot,
): Quantity[] {
  return mentions
    .flatMap(mention => {
      const value = valueFor(mention, slot);
      const score = value === undefined ? 0 : scoreOf(mention, slot);
      return value !== undefined && score >= 0.6
        ? [{ value, score, start: mention.start, end: mention.end }]
        : [];
    })
    .sort((a, b) => b.score - a.score);
}
