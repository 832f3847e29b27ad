import { likeness } from '../lexicon/synonyms';
import {
  contentWords,
  isTypoOf,
  splitIdentifier,
  stemOf,
  wordsOf,
} from '../lexicon/words';
import type { Field } from './data';

/** What a question wants to know of a record. */
export interface Focus {
  /** Stems of the words that can name a field. */
  stems: string[];
  /** Kinds of value that the question word asks for. */
  /** True for questions that are answered by yes or no. */
  yesNo?: boolean;
  kinds: (
    | 'time'
    | 'person'
    | 'place'
    | 'money'
    | 'count'
    | 'duration'
    | 'reason'
  )[];
}

const ASKS: [Focus['kinds'][number], RegExp][] = [
  [
    'time',
    /\bwhen\b|\bwhat (?:day|date|time)\b|\bhow (?:old|soon)\b|\bdue\b|\barriv|\beta\b/i,
  ],
  ['person', /\bwho(?:se|m|'s)?\b/i],
  ['place', /\bwhere\b|\bwhich (?:city|country|place|location)\b/i],
  ['money', /\bhow (?:much|expensive)\b|\bprice|\bcosts?\b|\bworth\b/i],
  ['count', /\bhow (?:many|much)\b|\bin stock\b|\bleft\b/i],
  ['duration', /\bhow long\b/i],
  ['reason', /\bwhy\b|\bhow come\b/i],
];

const KEYS: Record<Focus['kinds'][number], RegExp> = {
  time: /date|time|day|\bon$|\bat$|_at|_on|since|until|due|eta|expected|deadline|start|end|[a-z](?:At|On)$/i,
  person:
    /name|owner|manager|person|assignee|author|by$|contact|employee|customer|supplier|approver|lead|head|recipient|boss/i,
  place:
    /address|city|country|location|place|site|warehouse|region|office|room|street|destination|position|hub|status/i,
  money:
    /price|amount|total|cost|fee|value|balance|salary|budget|eur|usd|refund|spent|spend/i,
  count:
    /count|quantity|qty|number|stock|available|remaining|on_?hand|units|total|days/i,
  duration: /duration|days|hours|minutes|length|period|term/i,
  reason: /reason|cause|note|comment|because|explanation|message|description/i,
};

/** How the values look that answer a question word. */
const FORMS: Partial<Record<Focus['kinds'][number], RegExp>> = {
  money: /\d/,
  count: /\d/,
  duration: /\d/,
  time: /\d{4}|\d:\d/,
};

/** Reads the focus of a question; `values` are words that already served as arguments. */
export function focusOf(question: string, values: string[]): Focus {
  const used = new Set(
    values.flatMap(value => wordsOf(value).map(word => word.stem)),
  );
  return {
    stems: [...new Set(contentWords(question).map(word => word.stem))].filter(
      stem => !used.has(stem) && !/\d/.test(stem),
    ),
    yesNo: /^\W*(?:is|are|was|were|has|have|does|do|did)\b/i.test(question),
    kinds: ASKS.filter(([, pattern]) => pattern.test(question)).map(
      ([kind]) => kind,
    ),
  };
}

/** How much a field is asked for: 2 and more by its own name, about 1 by the question word, 0 not at all. */
export function relevanceOfField(
  field: Pick<Field, 'path' | 'value'>,
  focus: Focus,
): number {
  const stems = field.path.flatMap(splitIdentifier).map(stemOf);
  const own = splitIdentifier(field.path.at(-1) ?? '')
    .map(stemOf)
    .filter(
      stem =>
        !/^(?:id|on|at|by|is|ha|eur|usd|gbp|chf|km|kg|gram|cent|percent|celsius)$/.test(
          stem,
        ),
    );
  let score = 0;
  for (const stem of focus.stems) {
    if (own.some(key => key === stem || isTypoOf(key, stem)))
      score += 2 / Math.max(1, Math.sqrt(own.length));
    else if (own.some(key => likeness(key, stem) > 0))
      score += 1.2 / Math.max(1, Math.sqrt(own.length));
    else if (stems.includes(stem)) score += 0.6;
  }
  const key = field.path.at(-1) ?? '';
  const dated = /^\d{4}-\d{2}/.test(String(field.value));
  if (
    focus.kinds.includes('person') &&
    (dated || typeof field.value === 'number')
  )
    return 0;
  if (focus.kinds.includes('time') && !dated) score *= 0.4;
  // identifiers carry the noun of everything; they are asked for by "number" or "ID"
  if (
    /(?:Id|_id|ID)$|^id$/.test(key) &&
    !focus.stems.some(stem => /^(?:id|number|identifi|code)$/.test(stem))
  )
    score *= 0.3;
  if (
    focus.yesNo &&
    typeof field.value === 'string' &&
    field.value.length < 40 &&
    !/\d/.test(field.value)
  ) {
    const said = wordsOf(field.value.replace(/_/g, ' '));
    if (said.length && said.every(word => focus.stems.includes(word.stem)))
      score += 2;
  }
  for (const kind of focus.kinds) {
    if (!KEYS[kind].test(key)) continue;
    const form = FORMS[kind];
    if (!form || form.test(String(field.value))) score += 0.9;
  }
  return score;
}

/** Whether a value is one of the words of the question, such as a product's name in a list of items. */
export function mentions(value: unknown, focus: Focus): boolean {
  if (typeof value !== 'string' || value.length > 80) return false;
  return wordsOf(value).some(word =>
    focus.stems.some(stem => stem === word.stem && !/^\d+$/.test(stem)),
  );
}
