import type { Mention, Reading, Stretch } from '../text/reading';
import { actsOf } from '../text/lexicon';
import { nearness } from '../text/meaning';
import type { Word } from '../text/words';
import { nameLikeness } from './choices';
import type { Slot } from './slot';

/** A stretch of text that a slot may take, with how much speaks for it. */
export interface Candidate extends Mention {
  score: number;
  /** True when the text itself marks it as a value: quotes, capitals, its own noun. */
  marked: boolean;
}

const PLACE =
  /city|country|location|place|region|address|destination|origin|site|area|town|state|branch|station|airport|port|room|district|neighbou?rhood|zone|street|venue|hall|field|plot/;
const PERSON =
  /person|name|customer|client|patient|guest|user|member|owner|author|artist|doctor|employee|student|teacher|assignee|driver|player|contact|tenant|passenger|manager|recipient|to\b|applicant|interviewer|instructor|trainer/;
const START = /origin|from|source|departure|start|pickup/;
const TARGET = /destination|^to$|_to$|target|arrival|dropoff|end/;
const LEADS: Record<string, RegExp> = {
  in: PLACE,
  at: PLACE,
  near: PLACE,
  into: PLACE,
  around: PLACE,
  from: /origin|from|source|departure|start|pickup|city|country|supplier|vendor|sender|author|client|customer|location/,
  to: /destination|^to$|_to|target|arrival|recipient|list|stage|queue|group|assignee|location|room|folder|playlist/,
  for: /for|person|customer|client|patient|guest|user|member|name|product|item|city|subject|topic|purpose|target|recipient|team|event|class|crop/,
  of: /.*/,
  by: /author|artist|by|owner|user|person|creator|assignee|maker|brand|teacher|director/,
  with: /with|person|doctor|patient|participant|guest|attendee|member|partner|ingredient|skill|title|tag|name|instructor|agent|interviewer/,
  on: /on|topic|subject|server|node|host|device|machine|page|channel|board|field|line|target|platform|system/,
  about: /topic|subject|about|query|title/,
  named: /name|title/,
  called: /name|title/,
  titled: /title|name/,
  bei: PLACE,
  nach: PLACE,
  aus: PLACE,
  für: /.*/,
  von: /.*/,
  mit: /.*/,
  à: PLACE,
  en: PLACE,
  de: /.*/,
  pour: /.*/,
  para: /.*/,
};

/** Words that say which one is meant rather than what it is called. */
const NO_VALUE =
  /^(?:morning|afternoon|evening|new|newest|old|oldest|empty|next|last|latest|first|second|only|good|best|big|small|large|long|short|bit|currently|moment|time|times|people|everyone|one|ones|kind|sort|type|way|longer|more|less|list|overview|details|info|information|data|money|geld|number|neue[nrs]?|frau|herr)$/;

/** Words between the name of a thing and what it shall be. */
const SETS = /^(?:to|as|is|auf|zu|als|à|en|a)$/;

/** Slots that take what stands in quotation marks before others do. */
const TITLED = /title|name|text|phrase|query|subject|label/i;
const MOST_CANDIDATES = 60;

/** What a run of words may not hold. */
export interface Fence {
  /** True for words that a value of this tool does not contain: its own vocabulary. */
  known(word: Word): boolean;
  /** True when the stretch serves another slot. */
  used(stretch: Stretch): boolean;
  /** True for words that the tool's description or arguments speak of, so that they are less likely values. */
  heard(word: Word): boolean;
  /** True for identifiers that have the form of another tool's, and values that another tool lists. */
  foreign(text: string): boolean;
  careful?: boolean;
  /** Whether the tool needs, or takes, words of the person's own, such as the text of a message. */
  wordy?: 'must' | 'may';
}

const isCode = (word: Word) =>
  /\d|_|\p{L}\.\p{L}/u.test(word.text) ||
  /^[\p{L}\p{N}]+-[\p{L}\p{N}-]+$/u.test(word.text) ||
  /^\p{Lu}{2,}/u.test(word.text);

/** The run of words from an index that belong together. */
function runFrom(
  reading: Reading,
  from: number,
  fence: Fence,
  most = 4,
): Mention | undefined {
  const { words, text } = reading;
  const run: Word[] = [];
  for (let i = from; i < Math.min(from + most + 2, words.length); i++) {
    const word = words[i];
    const previous = run.at(-1);
    if (previous && !/^[\s'’&-]*$/.test(text.slice(previous.end, word.start)))
      break;
    if (fence.used(word)) break;
    // the prefix of a German verb ends its sentence: "starte … neu"
    if (
      reading.language === 'de' &&
      /^(?:neu|ab|an|aus|ein|zurück|um|vor|mit|frei)$/.test(word.lower)
    )
      break;
    if (word.plain) {
      // an article may stand before the value, not in it
      if (
        !run.length &&
        i === from &&
        /^(?:the|a|an|our|my|der|die|das|den|dem|la|le|les|el|los)$/.test(
          word.lower,
        )
      )
        continue;
      break;
    }
    if (fence.known(word) && !/^\p{Lu}/u.test(word.text)) break;
    // "Falk goes to", "example.org run out": what is written as a name ends where plain words begin
    if (
      previous &&
      (isCode(previous) ||
        (reading.language !== 'de' && /^\p{Lu}/u.test(previous.text))) &&
      /^\p{Ll}/u.test(word.text) &&
      !isCode(word)
    )
      break;
    run.push(word);
    if (/['’]s$/.test(word.text) || run.length >= most) break;
  }
  if (!run.length) return undefined;
  const start = run[0].start;
  const value = text
    .slice(start, run[run.length - 1].end)
    .replace(/['’]s$/, '');
  return { value, start, end: start + value.length };
}

/** Stretches of the text that a slot may take, the best first. */
export function candidatesFor(
  reading: Reading,
  slot: Slot,
  fence: Fence,
): Candidate[] {
  const { words, text } = reading;
  const found: Candidate[] = [];
  const add = (
    mention: Mention | undefined,
    score: number,
    marked: boolean,
  ) => {
    if (
      found.length >= MOST_CANDIDATES ||
      !mention?.value ||
      fence.used(mention) ||
      fence.foreign(mention.value) ||
      mention.value.length > 200
    )
      return;
    // "Tom's" is longer than the name in it
    const own = words.filter(
      word => word.start >= mention.start && word.start < mention.end,
    );
    if (!own.length || own.every(word => word.plain && !marked)) return;
    const quoted = reading.quotes.includes(mention);
    if (!quoted && own.every(word => NO_VALUE.test(word.lower) || word.plain))
      return;
    // what every dictionary has is hardly a value of something that is changed
    if (
      fence.careful &&
      !quoted &&
      reading.language === 'zh' &&
      own.every(word => word.stems.length > 1)
    )
      return;
    const same = found.find(other => other.start === mention.start);
    if (same && same.score >= score) return;
    if (same) found.splice(found.indexOf(same), 1);
    const heard =
      !quoted && own.every(word => fence.heard(word) && !isCode(word));
    found.push({ ...mention, score: score - (heard ? 0.5 : 0), marked });
  };
  const isNoun = (word: Word) =>
    !word.plain &&
    (nameLikeness(word.stems, slot.nouns) >= 0.9 ||
      slot.nouns.some(noun =>
        word.stems.some(stem => nearness(stem, noun) >= 0.7),
      ));
  const lead = (start: number) => words.findLast(word => word.end <= start);
  const role = (start: number): number => {
    const before = lead(start);
    const word =
      before &&
      /^(?:the|a|an|our|my|dr|mr|mrs|ms|der|die|das|dem|den)$/.test(
        before.lower,
      )
        ? lead(before.start)
        : before;
    if (!word) return 0;
    if (isNoun(word)) return 2;
    // "set the topic to …"
    const noun = SETS.test(word.lower) ? lead(word.start) : undefined;
    if (noun && isNoun(noun)) return 2;
    const fits = LEADS[word.lower];
    if (!fits) return 0;
    if (word.lower === 'from' && TARGET.test(slot.name)) return -2;
    if (word.lower === 'to' && START.test(slot.name)) return -2;
    if (fits.source === '.*') return 0.3;
    return fits.test(slot.name) || fits.test(slot.description.toLowerCase())
      ? 1
      : -0.3;
  };
  for (const quote of reading.quotes) {
    const titled = TITLED.test(slot.name);
    // where the tool takes words of the person's own, what is quoted is hardly anything else
    const meant = titled || !fence.wordy || role(quote.start) >= 2;
    if (meant || fence.wordy === 'may')
      add(
        quote,
        (meant ? 3 : 1.2) + role(quote.start) + Number(titled) * 0.5,
        meant,
      );
  }
  for (const name of reading.names) {
    const own = words.filter(
      word => word.start >= name.start && word.start < name.end,
    );
    // every noun of German has a capital: only more than that marks a name
    const german =
      reading.language === 'de' &&
      own.length === 1 &&
      role(name.start) < 1 &&
      !/^(?:herrn?|frau|dr|familie|firma)$/.test(lead(name.start)?.lower ?? '');
    const known = own.every(fence.known) || own.every(fence.heard);
    const person =
      PERSON.test(slot.name) || /\bname\b/i.test(slot.description) ? 0.3 : 0;
    add(
      name,
      (german ? 0.9 : 2) + person + role(name.start) - (known ? 1.6 : 0),
      !german,
    );
  }
  const ownPlace = PLACE.test(slot.name);
  for (const [index, word] of words.entries()) {
    const noun =
      isNoun(word) &&
      (nameLikeness(word.stems, slot.nouns) >= 0.9 ||
        /^\p{Lu}/u.test(words[index + 1]?.text ?? ''));
    if (noun || /^(?:named|called|titled|namens)$/.test(word.lower)) {
      const skip = /^(?:is|:|=|called|named)$/.test(
        words[index + 1]?.lower ?? '',
      )
        ? 2
        : 1;
      const direct = text.slice(word.end, words[index + 1]?.start ?? word.end);
      if (/^[\s:="“]{0,4}$/.test(direct)) {
        const run = runFrom(reading, index + skip, {
          ...fence,
          known: other => !isCode(other) && fence.known(other),
        });
        add(run, noun ? 3 : 2.5, true);
      }
    }
    if (LEADS[word.lower]) {
      const run = runFrom(reading, index + 1, fence);
      if (run) add(run, 1 + Math.max(-0.5, role(run.start)), false);
    }
    if (!word.plain && isCode(word) && !/^\d+(?:[.,]\d+)*$/.test(word.text)) {
      add(
        {
          value: word.text.replace(/['’]s$/, ''),
          start: word.start,
          end: word.end,
        },
        1.8 +
          (role(word.start) < -1 ? -2 : Math.max(0, role(word.start))) +
          (ownPlace ? -0.3 : 0),
        /\d|_/.test(word.text),
      );
    }
  }
  // words that no tool knows must be values
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    const opens = index === 0 && actsOf(word.lower) !== undefined;
    if (
      opens ||
      word.plain ||
      fence.known(word) ||
      reading.act?.words.includes(word)
    )
      continue;
    const run = runFrom(reading, index, fence, 3);
    if (!run) continue;
    // "how much lead did we measure"
    const amount = words[index - 1]?.lower === 'much' ? 1.2 : 0;
    add(run, 0.8 + amount + Math.min(0.5, role(run.start)), false);
    while (index + 1 < words.length && words[index + 1].end <= run.end) index++;
  }
  return found.sort((a, b) => b.score - a.score);
}

const NOTE_LEAD =
  /(?:\bremind (?:me|us|him|her|them)\b.{0,60}?\b(?:to|that|about)\s|\bbecause(?: of)?|\bsince (?=it|they|he|she|we|i\b|the )|\bas (?=it|they|he|she|we|i\b)|\bdue to|\breason(?: is|:| being)?|\bsaying(?: that)?|\bsays|\btelling (?:\p{L}+ )?(?:that)?|\b(?:note|message|comment|text|details|description|subject|purpose|symptoms?|body|feedback)\s*(?:is|[:=])|\bwith (?:the |a )?(?:note|message|comment|reason)\s*(?:that)?|\bthat (?=it|they|the|we|i\b|he|she|there)|\bweil|\bwegen|\bGrund:?|\bdamit|因为|由于|原因是?|备注[:：]?|内容是?[:：]?|parce que|car |porque|:\s|\s[–—]\s|,\s*(?=it |they |he |she |i |we |the ))\s*/iu;

/** A reason, remark or message in the person's own words. */
export function noteIn(
  reading: Reading,
  fence: Pick<Fence, 'used'>,
): Mention | undefined {
  const quoted = reading.quotes.find(quote => !fence.used(quote));
  if (quoted) return quoted;
  const lead = NOTE_LEAD.exec(reading.text);
  if (!lead) return undefined;
  const start = lead.index + lead[0].length;
  const value = reading.text
    .slice(start)
    .trim()
    .replace(/[.!?。！]+$/, '');
  return reading.content.some(word => word.start >= start)
    ? { value, start, end: reading.text.length }
    : undefined;
}

const RANKING =
  /^(?:cheapest|priciest|highest|lowest|largest|smallest|biggest|newest|latest|oldest|earliest|longest|shortest|best)$/;

/** The words to search for: what the text is about, without the words that only ask for a search. */
export function searchWords(
  reading: Reading,
  fence: Fence,
  optional = false,
): Mention | undefined {
  const quoted = reading.quotes[0];
  if (quoted) return quoted;
  const act = reading.act?.words ?? [];
  const free = reading.content.filter(
    word =>
      !fence.used(word) && !act.includes(word) && !RANKING.test(word.lower),
  );
  const names = reading.names.filter(name => !fence.used(name));
  const rest = free.filter(
    word =>
      !names.some(name => name.start <= word.start && word.end <= name.end),
  );
  if (names.length === 1 && rest.length <= 2) return names[0];
  const telling = free.filter(
    word =>
      !fence.known(word) &&
      !(optional && fence.heard(word)) &&
      !/^(?:sell|offer|stock|price|cost|costs|expensive|available|weight|euros?|dollars?|how|size|anything|something)$/.test(
        word.lower,
      ),
  );
  const chosen = telling.length || optional ? telling : free;
  if (!chosen.length) return undefined;
  const [first, last] = [chosen[0], chosen[chosen.length - 1]];
  const between = reading.words.filter(
    word => word.start >= first.start && word.end <= last.end,
  );
  // "lord of the rings" stays as it was written; scattered words are put side by side
  const close = between.every(
    word =>
      chosen.includes(word) ||
      (word.plain &&
        /^(?:of|the|and|in|for|a|to|with|without|der|die|das|und|de|la|le|et|y|的|和)$/.test(
          word.lower,
        )),
  );
  return {
    value: close
      ? reading.text.slice(first.start, last.end)
      : [...new Set(chosen.map(word => word.text))].join(' '),
    start: first.start,
    end: last.end,
  };
}
