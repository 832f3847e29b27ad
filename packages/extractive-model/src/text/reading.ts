import { actsOf, ASKED, languageOf, onlyLooks, type Language } from './lexicon';
import { likeness, splitIdentifier, stemOf, wordsOf, type Word } from './words';
import { clocksIn, spansIn, type Span } from '../time/spans';
import { numbersIn, type NumberMention } from './numbers';

/** A stretch of text. */
export interface Stretch {
  start: number;
  end: number;
}

export const overlaps = (a: Stretch, b: Stretch) =>
  a.start < b.end && b.start < a.end;

/** A stretch of text that is a value as it stands. */
export interface Mention extends Stretch {
  value: string;
}

/** What a person wants done: the words of the act, and the groups of acts that it belongs to. */
export interface Act {
  words: Word[];
  /** With its particle: `turn-on`, `check-in`. */
  lower: string;
  groups: ReadonlySet<number>;
  /** True when some of its groups change something. */
  changes: boolean;
}

/** Only so much of a text is looked at: its first and its last half of this. */
const MOST_CHARACTERS = 4_000;
const MOST_WORDS = 400;
const MOST_SPANS = 12;
const MOST_NUMBERS = 40;
const PARTICLES = new Set(
  'on off up down in out back over away through around forward'.split(' '),
);
const POLITE =
  /^(?:(?:ok|okay|hi|hello|hey|so|well|yes|yeah|yep|no|now|then|and|also|but|thanks|thank you|sorry|great|(?:good )?(?:morning|afternoon|evening)(?= ?[,!.:;)])|dear team|alright|right)\b[\s,!.:;)-]*)+/i;
const ASKS_FOR =
  /^(?:please|pls|plz|kindly|just|quickly|now|then|go ahead and|(?:can|could|would|will) (?:you|u|we|i|someone|somebody)(?: please| pls| kindly| just| quickly| also)*|would you mind|i(?:'d| would|'ll)? (?:really )?(?:like|love|want|wanna|need|have)(?: you)?(?: to)?|i need (?:you )?to|i'm (?:trying|looking) to|we (?:need|want|have|would like)(?: you)?(?: to)?|we'd like(?: you)?(?: to)?|let'?s|let us|help me(?: to)?|you (?:should|must|can)|time to|don't forget to|remember to|make sure to|be so kind and|be so kind as to|to)\s+/i;
const QUESTION =
  /^(?:what|what's|whats|when|when's|where|where's|who|who's|whom|whose|which|why|how|how's|is|are|was|were|do|does|did|has|have|had|am|isn't|aren't|any|anything|anyone|was|wer|wann|wo|wie|welche[rsnm]?|warum|wieso|wieviele?|gibt|ist|sind|hat|haben|qui|que|quel(?:le)?s?|combien|quand|où|comment|pourquoi|est-ce|quién|qué|cuál(?:es)?|cuánt[oa]s?|cuándo|dónde|cómo|hay)\b|什么|哪|多少|几|谁|吗|怎么|为什么|何时|有没有/iu;
const NEGATED =
  /\b(?:don't|do not|never|no need to|nicht|kein\p{L}*)\s*$|(?:不要|别)\s*$/iu;

/** The part of a text that is looked at. */
export function looked(text: string): string {
  const half = MOST_CHARACTERS / 2;
  return text.length > MOST_CHARACTERS
    ? `${text.slice(0, half)} ${text.slice(-half)}`
    : text;
}

/** What can be read off one text, each thing looked for once. */
export class Reading {
  readonly text: string;
  readonly #now: Date;
  readonly #cache = new Map<string, unknown>();

  constructor(text: string, now: Date) {
    this.text = looked(text);
    this.#now = now;
  }

  /** The day that words such as "today" are read against. */
  get today(): string {
    return this.#now.toISOString().slice(0, 10);
  }

  #once<T>(key: string, make: () => T): T {
    if (!this.#cache.has(key)) this.#cache.set(key, make());
    return this.#cache.get(key) as T;
  }

  get words(): readonly Word[] {
    return this.#once('words', () => {
      const all = wordsOf(this.text, this.language);
      const half = MOST_WORDS / 2;
      return all.length > MOST_WORDS
        ? [...all.slice(0, half), ...all.slice(-half)]
        : all;
    });
  }

  get language(): Language {
    return this.#once('language', () =>
      languageOf(
        this.text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [],
        this.text,
      ),
    );
  }

  /** Words that carry meaning, without those that only say what to do. */
  get content(): Word[] {
    return this.#once('content', () => {
      const greeting = POLITE.exec(this.text)?.[0].length ?? 0;
      return this.words.filter(word => !word.plain && word.end > greeting);
    });
  }

  get spans(): Span[] {
    return this.#once('spans', () =>
      /\d|\p{L}{3}|\p{Script=Han}/u.test(this.text)
        ? spansIn(this.text, this.#now)
            .filter(span => !this.#isQuoted(span.from, span.to))
            .slice(0, MOST_SPANS)
        : [],
    );
  }

  get clocks() {
    return this.#once('clocks', () =>
      clocksIn(this.text).filter(
        clock => !this.#isQuoted(clock.from, clock.to),
      ),
    );
  }

  get numbers(): NumberMention[] {
    return this.#once('numbers', () =>
      numbersIn(this.text, this.words)
        .filter(number => !this.#isQuoted(number.start, number.end))
        .slice(0, MOST_NUMBERS),
    );
  }

  /** True inside a sentence in quotation marks: its days and numbers are told, not meant. */
  #isQuoted(start: number, end: number): boolean {
    return this.quotes.some(
      quote =>
        quote.start < start &&
        end < quote.end &&
        quote.value.length > end - start + 12,
    );
  }

  /** Words that resemble a stem, with how much. */
  like(stem: string): { word: Word; weight: number }[] {
    return this.#once(`like ${stem}`, () => {
      const found: { word: Word; weight: number }[] = [];
      for (const { word, stem: own } of this.#bucket(stem)) {
        const weight = likeness(own, stem);
        if (weight) found.push({ word, weight });
      }
      return found;
    });
  }

  /** Stems of the text by their first letter; words of one letter and of grammar are found only as themselves. */
  #bucket(stem: string) {
    const buckets = this.#once('buckets', () => {
      const made = new Map<string, { word: Word; stem: string }[]>();
      for (const word of this.words) {
        for (const own of word.stems) {
          const list = made.get(own[0]);
          if (list) list.push({ word, stem: own });
          else made.set(own[0], [{ word, stem: own }]);
        }
      }
      return made;
    });
    const han = /\p{Script=Han}/u.test(stem[0] ?? '');
    return han
      ? [...buckets.values()].flat().filter(item => likeness(item.stem, stem))
      : buckets.get(stem[0]) ?? [];
  }

  /** Words with hyphens, as they are written without: "e-bike" by `ebike`. */
  get #joined(): Map<string, Word> {
    return this.#once(
      'joined',
      () =>
        new Map(
          this.words
            .filter(word => word.lower.includes('-'))
            .reverse()
            .map(word => [word.lower.replace(/-/g, ''), word]),
        ),
    );
  }

  /** Where a text stands as whole words, whatever its case; `exact` when also in its case. */
  literal(lower: string): (Stretch & { exact: boolean }) | undefined {
    if (/\p{Script=Han}/u.test(lower)) {
      const start = this.text.indexOf(lower);
      return start < 0
        ? undefined
        : { start, end: start + lower.length, exact: true };
    }
    const wanted = lower.split(' ');
    const starts = this.#once('literals', () => {
      const made = new Map<string, number[]>();
      for (const [index, word] of this.words.entries()) {
        const key = word.lower.replace(/[_-]+/g, ' ').split(' ')[0];
        const list = made.get(key);
        if (list) list.push(index);
        else made.set(key, [index]);
      }
      return made;
    }).get(wanted[0]);
    const joined = this.#joined.get(lower);
    if (joined) return { start: joined.start, end: joined.end, exact: true };
    for (const index of starts ?? []) {
      let taken = '';
      let last = index;
      for (; last < this.words.length && taken.length < lower.length; last++)
        taken += `${taken ? ' ' : ''}${this.words[last].lower.replace(
          /[_-]+/g,
          ' ',
        )}`;
      if (taken !== lower) continue;
      const [start, end] = [this.words[index].start, this.words[last - 1].end];
      const said = this.text.slice(start, end);
      return { start, end, exact: said !== said.toLowerCase() };
    }
    return undefined;
  }

  /** Text in quotation marks. */
  get quotes(): Mention[] {
    return this.#once('quotes', () =>
      [
        ...this.text.matchAll(
          /["“”„«「『]([^"“”„»」』]{1,1000})["“”»」』]|(?<![\p{L}\p{N}])['‘]([^'’\n]{2,400})['’](?![\p{L}\p{N}])/gu,
        ),
      ].map(match => ({
        // a comma or full stop before the closing mark belongs to the sentence round it
        value: (match[1] ?? match[2]).trim().replace(/[.,]$/, ''),
        start: match.index,
        end: match.index + match[0].length,
      })),
    );
  }

  get emails(): Mention[] {
    return this.#once('emails', () =>
      this.words
        .filter(word => /^[^@]+@[^@]+\.\p{L}{2,}$/u.test(word.text))
        .map(word => ({ value: word.text, start: word.start, end: word.end })),
    );
  }

  /** Paths of files: "/srv/share/plan.pdf", "docs/UPGRADE.md". */
  get paths(): Mention[] {
    return this.#once('paths', () =>
      [
        ...this.text.matchAll(
          /(?<![\p{L}\p{N}:/.])(?:(?:~|\.{1,2})?\/[\p{L}\p{N}_.@-]+|[\p{L}\p{N}_@-]+(?=\/[^\s]*\.\p{L}))(?:\/[\p{L}\p{N}_.@-]*)*/gu,
        ),
      ].map(match => {
        const value = match[0].replace(/\.+$/, '');
        return { value, start: match.index, end: match.index + value.length };
      }),
    );
  }

  get urls(): Mention[] {
    return this.#once('urls', () =>
      [...this.text.matchAll(/\bhttps?:\/\/[^\s"'<>）)]+/gi)].map(match => {
        const value = match[0].replace(/[.,;:!?]+$/, '');
        return {
          value,
          start: match.index,
          end: match.index + value.length,
        };
      }),
    );
  }

  /** Names: runs of capitalised words that do not merely begin a sentence. */
  get names(): Mention[] {
    return this.#once('names', () => namesIn(this.text, this.words, this.act));
  }

  /** What the question words ask for: for each, the stems of fields that hold it. */
  get asked(): string[][] {
    return this.#once('asked', () =>
      ASKED.filter(({ asks }) => asks.test(this.text)).map(({ fields }) =>
        fields.split(' ').map(field => stemOf(field)),
      ),
    );
  }

  /** A word in the place of an act that no lexicon knows: "throw" of "please throw it away". */
  get unknownAct(): Word | undefined {
    return this.#once('unknown act', () => {
      if (this.act) return undefined;
      const asked =
        /(?:请?帮[我忙]|请|麻烦你?)(?=(\p{Script=Han}{2}))|(?:\b(?:please|pls|plz|(?:can|could|would) you(?: please)?|i(?:'d| would) like you to|you to))\s+(?=(\p{L}+)\s+(?:it|them|him|her|the|my|our|this|that|all|me|us|a|an)\b)/iu.exec(
          this.text,
        );
      const at = asked && asked.index + asked[0].length;
      return at === null
        ? undefined
        : this.words.find(
            word =>
              word.start === at && !/^(?:tell|help|let)$/.test(word.lower),
          );
    });
  }

  /** Telephone numbers. */
  get phones(): Mention[] {
    return this.#once('phones', () =>
      [
        ...this.text.matchAll(
          /(?<![\p{L}\d])\+?\d[\d ()/-]{5,18}\d(?![\p{L}\d])/gu,
        ),
      ].map(match => ({
        value: match[0],
        start: match.index,
        end: match.index + match[0].length,
      })),
    );
  }

  /** True when the person wants something, in whatever words: "I want a new playlist". */
  get wants(): boolean {
    return this.#once('wants', () =>
      /\b(?:i|we)(?:'d| would|'ll| will)? (?:like|want|need|love|wanna)\b|\bich (?:möchte|brauche|will|hätte gern)|\bje (?:voudrais|veux)|\b(?:quiero|necesito|queremos)\b|我(?:想|要|需要)|\b(?:wants|needs|asks for|requires|would like|braucht|möchte)\b/iu.test(
        this.text,
      ),
    );
  }

  /** True when the text asks something rather than wants something done. */
  get isQuestion(): boolean {
    return this.#once('question', () => {
      const rest = this.text.trim().replace(POLITE, '');
      return (
        (QUESTION.test(rest) || /[?？]\s*$/.test(rest)) && !ASKS_FOR.test(rest)
      );
    });
  }

  /** What the person wants done; undefined for questions and for texts that name no act. */
  get act(): Act | undefined {
    return this.#once('act', () => this.#findAct());
  }

  #findAct(): Act | undefined {
    const { words, text } = this;
    if (this.language !== 'en') {
      const asks =
        this.isQuestion &&
        !/^(?:kannst|können|könnt|pouvez|peux|puedes|podrías|能|可以)/i.test(
          text.trim(),
        );
      const found = words.filter(
        word => actsOf(word.lower) && !NEGATED.test(text.slice(0, word.start)),
      );
      const acts = found.map(word => this.#actAt(words.indexOf(word)));
      const change = acts.find(act => act?.changes);
      return asks ? acts.find(act => act && !act.changes) : change ?? acts[0];
    }
    let rest = text.trimStart().replace(POLITE, '');
    let opened = false;
    for (let round = 0; round < 5; round++) {
      const cut = rest.replace(ASKS_FOR, '').replace(POLITE, '');
      if (cut.length === rest.length) break;
      opened = true;
      rest = cut;
    }
    const at = text.length - rest.length;
    const index = words.findIndex(word => word.end > at);
    const first = words[index];
    if (first && (!QUESTION.test(rest) || (opened && actsOf(first.lower)))) {
      const act = this.#actAt(index, opened);
      if (act) return act;
    }
    // "…, so set them to rejected", "Candidate 3 did not convince us. Reject her."
    for (let i = 1; i < words.length; i++) {
      const head = text.slice(Math.max(0, words[i].start - 24), words[i].start);
      const leads =
        /(?:[.!?;:,\n]\s+|\b(?:please|pls|plz|(?:want|need|like|love|have|you|us) to|and|then|so|you|just|let's)\s+)$/i.test(
          head,
        );
      const asked =
        /(?:\b(?:please|pls|plz|can you|could you|would you|you to|want to|like to|need to|so|have to|must)\s+|[.!]\s+)$/i.test(
          head,
        );
      const base = actsOf(words[i].lower);
      const begged =
        /\b(?:please|pls|plz|can you|could you|would you)\s+$/i.test(head);
      if (!leads || !base || (this.isQuestion && !begged)) continue;
      const act = this.#actAt(i, asked);
      if (act?.changes) return act;
    }
    return undefined;
  }

  /** The act that begins with a word, when the word can be a verb there. */
  #actAt(index: number, opened = false): Act | undefined {
    const word = this.words[index];
    const next = this.words[index + 1];
    let { lower } = word;
    let groups = actsOf(lower);
    const used = [word];
    for (let i = index + 1; i < Math.min(index + 6, this.words.length); i++) {
      const particle = this.words[i];
      if (!PARTICLES.has(particle.lower)) continue;
      const joined = `${lower}-${particle.lower}`;
      if (actsOf(joined) || i === index + 1) {
        groups = new Set([...(actsOf(joined) ?? []), ...(groups ?? [])]);
        lower = joined;
        used.push(particle);
        break;
      }
    }
    if (!groups?.size) return undefined;
    // "order 12 is late" and "book prices" open with a noun, "order three chairs" and "book a room" with a verb
    const noun =
      this.language === 'en' &&
      !opened &&
      /^(?:leave|order|book|return|refund|report|track|record|file|schedule|issue|mark|log|move|transfer|set|list|view|search|plan|note|text|email|mail|message|flag|tag|label|link|lock|fix|release|share|post|trade|rent|lease|stop|start|play|contact|change|update|project|measure|display|check|run|turn|claim|request|display|trigger|alert)$/.test(
        word.lower,
      );
    const follows =
      next &&
      (/^(?:a|an|the|my|our|this|that|these|those|it|them|him|her|me|us|all|every|any|some|one|two|three|four|five|six|ten|for|with|to)$/.test(
        next.lower,
      ) ||
        PARTICLES.has(next.lower) ||
        (!next.plain &&
          /\d|^\p{Lu}/u.test(this.words[index + 2]?.text ?? '')) ||
        /^\p{Lu}|\d/u.test(next.text));
    const isNumber =
      next &&
      /^#?\d/.test(next.text) &&
      /^(?:order|issue|return|ticket|report|record|file|request|claim|project|track|run|transfer)$/.test(
        word.lower,
      ) &&
      next.text.length > 2;
    const changes = ![...groups].every(onlyLooks);
    return changes && noun && (!follows || isNumber)
      ? undefined
      : { words: used, lower, groups, changes };
  }
}

const TITLE = /^(?:dr|mr|mrs|ms|prof|st|sr|jr|\p{Lu})$/iu;

function namesIn(
  text: string,
  words: readonly Word[],
  act: Act | undefined,
): Mention[] {
  const found: Mention[] = [];
  let run: Word[] = [];
  const flush = () => {
    if (run.length) {
      const start = run[0].start;
      const last = run[run.length - 1];
      const value = text.slice(start, last.end).replace(/['’]s$/, '');
      found.push({ value, start, end: start + value.length });
    }
    run = [];
  };
  for (const [index, word] of words.entries()) {
    const capital = /^\p{Lu}/u.test(word.text);
    const starts =
      index === 0 ||
      (!TITLE.test(words[index - 1].text) &&
        /[.?!:\n]\s*["“„(]?$/.test(text.slice(0, word.start).slice(-4)));
    const nextCapital = /^\p{Lu}\p{Ll}/u.test(words[index + 1]?.text ?? '');
    const belongs =
      capital &&
      !word.plain &&
      !act?.words.includes(word) &&
      !(starts && !nextCapital && words.length > 2);
    const previous = run.at(-1);
    const gap = previous ? text.slice(previous.end, word.start) : '';
    const adjoins =
      /^[\s&'’.-]{1,3}$/.test(gap) &&
      !/\.\s/.test(
        gap.replace(/^\.\s/, TITLE.test(previous?.text ?? '') ? '' : '. '),
      );
    // "Lord of the Rings", "Rua da Paz", "NGC 891"
    const small =
      previous !== undefined &&
      adjoins &&
      ((/^(?:of|the|and|de|da|do|der|von|van|la|le|du|del|di|&)$/.test(
        word.lower,
      ) &&
        /^\p{Lu}/u.test(words[index + 1]?.text ?? '') &&
        word.lower !== 'and') ||
        /^\d+$/.test(word.text));
    if (belongs && (run.length === 0 || adjoins)) run.push(word);
    else if (small) run.push(word);
    else {
      flush();
      if (belongs) run.push(word);
    }
    if (/['’]s$/.test(word.text)) flush();
  }
  flush();
  return found;
}

/** Reads each text of one request once. */
export function createReader(now: Date): (text: string) => Reading {
  const known = new Map<string, Reading>();
  return text => {
    let reading = known.get(text);
    if (!reading) known.set(text, (reading = new Reading(text, now)));
    return reading;
  };
}

/** Words that a tool's name begins with, with a particle joined: `turn-off` of `turn_off_light`. */
export function leadOf(name: string): { lower: string; rest: string[] } {
  const words = splitIdentifier(name).map(word => word.toLowerCase());
  // `permit_issue`, `barrier-open`: the act may stand last
  const last = words.at(-1) ?? '';
  if (words.length > 1 && !actsOf(words[0]) && actsOf(last))
    return { lower: last, rest: words.slice(0, -1) };
  const [first = '', ...rest] = words;
  return PARTICLES.has(rest[0])
    ? { lower: `${first}-${rest[0]}`, rest: rest.slice(1) }
    : { lower: first, rest };
}
