import type { NumberMention } from '../lexicon/numbers';
import { likeness } from '../lexicon/synonyms';
import { splitIdentifier, stemOf } from '../lexicon/words';
import { typeOf, type Parameter } from './parameter';

const LIMIT =
  /^(?:limit|top|top_?n|max_?results|page_?size|results|first|per_?page|how_?many)$/i;
const PAGE = /^(?:offset|page|skip|cursor|start_?index)$/i;
const MONEY =
  /amount|price|cost|total|budget|fee|value|salary|refund|fare|rent|pay|sum|spend/i;
const COUNT = /quantity|qty|count|units?$|number_?of|how_?many|pieces|amount/i;

function cents(parameter: Parameter): boolean {
  return /cents?\b|minor units?/i.test(
    `${parameter.name.replace(/([A-Z])/g, ' $1')} ${parameter.description}`,
  );
}

function closeness(mention: NumberMention, parameter: Parameter): number {
  const own = parameter.stems.filter(
    stem =>
      !/^(?:min|max|minimum|maximum|number|of|new|least|most)$/.test(stem),
  );
  const described = splitIdentifier(parameter.description).map(stemOf);
  let score = 0;
  const near = [...mention.after.slice(0, 2), ...mention.before.slice(-3)].map(
    stemOf,
  );
  for (const [index, word] of near.entries()) {
    const isUnit = index === 0;
    if (own.some(stem => likeness(stem, word) >= 1)) score += 2;
    else if (own.some(stem => likeness(stem, word) >= 0.6)) score += 1;
    else if (isUnit && described.includes(word) && word.length > 2) score += 1;
  }
  if (MONEY.test(parameter.name)) score += mention.money ? 2 : 0;
  else if (mention.money) score -= 2;
  if (/percent|rate|discount/i.test(parameter.name + parameter.description))
    score += mention.percent ? 2 : 0;
  else if (mention.percent) score -= 2;
  if (
    COUNT.test(parameter.name) &&
    !mention.money &&
    !mention.percent &&
    mention.after.length
  )
    score += 0.6;
  return score;
}

/** Picks the number that a parameter wants from those that nothing else has claimed. */
export function findQuantity(
  mentions: NumberMention[],
  parameter: Parameter,
): { value: number; start: number; end: number } | undefined {
  const { schema, name } = parameter;
  if (PAGE.test(name)) return undefined;
  const lower =
    /(?:^|_)(?:min|minimum|least|from|over|above)/i.test(name) ||
    /^min[A-Z]/.test(name);
  const upper =
    /(?:^|_)(?:max|maximum|most|under|below|budget)/i.test(name) ||
    /^max[A-Z]/.test(name);
  let best: { value: number; start: number; end: number } | undefined;
  let bestScore = 0;
  for (const mention of mentions) {
    const ranked =
      /^(?:top|first|last|latest|newest|biggest|largest|highest|next|lowest|recent|oldest)$/.test(
        mention.before.at(-1) ?? '',
      ) ||
      /^(?:latest|newest|biggest|largest|highest|most|lowest|cheapest|oldest|best|worst|recent)$/.test(
        mention.after[0] ?? '',
      );
    let score: number;
    if (LIMIT.test(name)) {
      score =
        ranked ||
        /^(?:results|entries|rows|items|records|hits)$/.test(
          mention.after[0] ?? '',
        )
          ? 2
          : 0;
    } else if (
      ranked &&
      !/day|week|month|year|hour|night/.test(mention.after[0] ?? '')
    ) {
      score = 0;
    } else if (lower || upper) {
      const fits =
        (lower && mention.bound === 'min') ||
        (upper && mention.bound === 'max');
      score = fits ? 1.5 + closeness(mention, parameter) : 0;
      if (fits && mention.money && !MONEY.test(name)) score = 0;
    } else {
      score =
        closeness(mention, parameter) +
        (parameter.required ? 0.7 : 0) -
        (mention.bound ? 0.6 : 0);
    }
    let value = mention.value;
    if (cents(parameter)) value = Math.round(value * 100);
    if (typeOf(schema) === 'integer' && !Number.isInteger(value)) continue;
    if (schema.minimum !== undefined && value < schema.minimum) continue;
    if (schema.maximum !== undefined && value > schema.maximum) {
      if (!LIMIT.test(name)) continue;
      value = schema.maximum;
    }
    if (score > bestScore && score >= 0.6) {
      bestScore = score;
      best = { value, start: mention.start, end: mention.end };
    }
  }
  return best;
}
