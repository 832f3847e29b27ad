import type { Reading, Stretch } from '../text/reading';
import { splitIdentifier, type Word } from '../text/words';
import type { Span } from '../time/spans';
import { codesNamed } from './codes';
import { choicesIn, flagIn } from './choices';
import {
  candidatesFor,
  noteIn,
  searchWords,
  type Candidate,
  type Fence,
} from './phrases';
import { countsUnit, quantitiesFor } from './quantities';
import { identifiersIn } from './shape';
import { typeOf, type Slot, type SlotKind } from './slot';

/** How sure a value is: read off its form, marked as a value, or only guessed from where it stands. */
export type Sureness = 'certain' | 'likely' | 'guess';

/** A value found for a slot. */
export interface Finding {
  value: unknown;
  sure: Sureness;
  /** Further values that would fit as well, such as the second of two order numbers. */
  others: unknown[];
}

/** What a text gives for a tool's slots. */
export interface Filling {
  values: Map<string, Finding>;
  /** The parts of the text that became values, and how sure each is. */
  stretches: (Stretch & { sure: Sureness; slot: string })[];
}

/** What the search for values knows besides the text. */
export interface FillContext {
  /** True for words of the tool's own subject, which are hardly its values. */
  known(word: Word): boolean;
  /** True for words that the tool speaks of anywhere. */
  heard(word: Word): boolean;
  /** True for identifiers that have the form of another tool's, and values that another tool lists. */
  foreign(text: string): boolean;
}

const ORDER: SlotKind[] = [
  'constant',
  'identifier',
  'email',
  'url',
  'phone',
  'date',
  'datetime',
  'month',
  'time',
  'choice',
  'flag',
  'number',
  'list',
  'object',
  'phrase',
  'note',
  'query',
  'task',
];
const START =
  /(?:^|[ _])(?:from|start|starts|starting|since|after|begin|beginning|first|earliest|check ?in|departure|pickup|min|valid from|received from|opens?)(?:$|[ _])/;
const END =
  /(?:^|[ _])(?:to|end|ends|until|till|before|through|last|latest|check ?out|return|max|due by|expires?|closes?|thru|by)(?:$|[ _])/;
const TAKES_WORDS = new Set<SlotKind>(['phrase', 'note', 'query', 'task']);

/** What may stand between two values of one kind that are meant both. */
const AND =
  /^\s*(?:[,&/、]|(?:and|or|und|oder|et|ou|y|o|vs\.?|versus|with|to|mit)\b|和|与|跟|以及|或)[\s,&/]*(?:(?:and|or|und)\s+)?(?:(?:the|in|for|with|\p{L}{2,14})\s+)?$/iu;

const overlaps = (a: Stretch, b: Stretch) => a.start < b.end && b.start < a.end;
const plainName = (slot: Slot) =>
  splitIdentifier(slot.name).join(' ').toLowerCase();

/** For slots that belong to no tool. */
export const NOTHING_KNOWN: FillContext = {
  known: () => false,
  heard: () => false,
  foreign: () => false,
};

/** Fills a tool's slots from one text. */
export function fillSlots(
  slots: Slot[],
  reading: Reading,
  context: FillContext,
): Filling {
  return new Filler(slots, reading, context).run();
}

class Filler {
  readonly #slots: Slot[];
  readonly #reading: Reading;
  readonly #context: FillContext;
  readonly #filling: Filling = { values: new Map(), stretches: [] };

  constructor(slots: Slot[], reading: Reading, context: FillContext) {
    this.#slots = slots;
    this.#reading = reading;
    this.#context = context;
  }

  run(): Filling {
    const sorted = [...this.#slots].sort(
      (a, b) =>
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
        Number(b.shape !== undefined) - Number(a.shape !== undefined) ||
        Number(b.required) - Number(a.required),
    );
    const dated = this.#slots.filter(slot =>
      ['date', 'datetime', 'month'].includes(slot.kind),
    );
    if (dated.length) this.#fillDates(dated);
    for (const slot of sorted)
      if (!TAKES_WORDS.has(slot.kind)) this.#fillTyped(slot);
    const numbers = sorted.filter(slot => slot.kind === 'number');
    if (numbers.length) this.#fillNumbers(numbers);
    this.#fillPhrases(sorted.filter(slot => slot.kind === 'phrase'));
    for (const slot of sorted) this.#fillWords(slot);
    return this.#filling;
  }

  #put(
    slot: Slot,
    value: unknown,
    sure: Sureness,
    stretch?: Stretch,
    others: unknown[] = [],
  ) {
    this.#filling.values.set(slot.name, { value, sure, others });
    if (stretch)
      this.#filling.stretches.push({
        start: stretch.start,
        end: stretch.end,
        sure,
        slot: slot.name,
      });
  }

  /** The first of several mentions, and those that "and", "or" or a comma joins to it. */
  #coordinated<T extends Stretch>(found: T[]): T[] {
    const kept = found.slice(0, 1);
    for (const item of found.slice(1)) {
      const [first, last] = [kept[0], kept[kept.length - 1]];
      const [a, b] = item.start > last.start ? [last, item] : [item, first];
      if (AND.test(this.#reading.text.slice(a.end, b.start))) kept.push(item);
    }
    return kept;
  }

  readonly #used = (stretch: Stretch) =>
    this.#filling.stretches.some(used => overlaps(used, stretch));

  #fence(slot?: Slot): Fence {
    const { spans } = this.#reading;
    return {
      known: word =>
        this.#context.known(word) ||
        (slot ? slot.nouns.some(noun => word.stems.includes(noun)) : false),
      heard: word => this.#context.heard(word),
      foreign: text => this.#context.foreign(text),
      used: stretch =>
        this.#used(stretch) ||
        spans.some(span =>
          overlaps({ start: span.from, end: span.to }, stretch),
        ),
    };
  }

  #fillTyped(slot: Slot): void {
    const reading = this.#reading;
    const { kind, schema } = slot;
    if (kind === 'constant') {
      this.#put(slot, schema.const, 'guess');
    } else if (kind === 'identifier') {
      const numeric = /^(?:number|integer)$/.test(typeOf(schema) ?? '');
      const found = identifiersIn(reading, slot).filter(
        item =>
          !this.#used(item) &&
          (slot.shape || item.named || !this.#context.foreign(item.value)) &&
          (!numeric || /^\d+$/.test(item.value)),
      );
      const convert = (value: string) => (numeric ? Number(value) : value);
      const [first, ...rest] = this.#coordinated(found);
      if (first)
        this.#put(
          slot,
          convert(first.value),
          slot.shape || first.sure ? 'certain' : 'likely',
          first,
          rest.map(item => convert(item.value)),
        );
      else if (slot.shape) {
        const coded = codesNamed(slot, reading).find(item => !this.#used(item));
        if (coded) this.#put(slot, coded.value, 'certain', coded);
      }
    } else if (kind === 'email' || kind === 'url') {
      const [first, ...rest] = (
        kind === 'email' ? reading.emails : reading.urls
      ).filter(item => !this.#used(item));
      if (first)
        this.#put(
          slot,
          first.value,
          'certain',
          first,
          rest.map(item => item.value),
        );
    } else if (kind === 'phone') {
      const found = reading.phones.find(item => !this.#used(item));
      if (found) this.#put(slot, found.value, 'certain', found);
    } else if (kind === 'time') {
      const clock =
        END.test(plainName(slot)) && reading.clocks.length > 1
          ? reading.clocks[1]
          : reading.clocks[0];
      const spoken = reading.spans.find(span => span.time);
      if (clock)
        this.#put(slot, clock.time, 'certain', {
          start: clock.from,
          end: clock.to,
        });
      else if (spoken?.time && spoken.time === spoken.endTime)
        this.#put(slot, spoken.time, 'likely');
    } else if (kind === 'choice') {
      this.#fillChoice(slot);
    } else if (kind === 'flag') {
      const found = flagIn(reading, slot);
      if (found)
        this.#put(slot, found.value, 'likely', found.end ? found : undefined);
    } else if (kind === 'list' && slot.item) {
      const items = this.#itemsOf(slot.item);
      if (items.length)
        this.#put(
          slot,
          items.map(item => item.value),
          items.every(item => item.sure) ? 'likely' : 'guess',
        );
      for (const item of items)
        if (item.at)
          this.#filling.stretches.push({
            ...item.at,
            sure: 'likely',
            slot: slot.name,
          });
    } else if (kind === 'object' && slot.members?.length) {
      const inner = fillSlots(slot.members, reading, this.#context);
      const complete = slot.members.every(
        member => !member.required || inner.values.has(member.name),
      );
      if (complete && inner.values.size) {
        this.#put(
          slot,
          Object.fromEntries(
            [...inner.values].map(([key, finding]) => [key, finding.value]),
          ),
          [...inner.values.values()].every(finding => finding.sure === 'guess')
            ? 'guess'
            : 'likely',
        );
        this.#filling.stretches.push(...inner.stretches);
      }
    }
  }

  #fillChoice(slot: Slot): void {
    const reading = this.#reading;
    const twins = this.#slots.filter(
      other =>
        other !== slot &&
        other.kind === 'choice' &&
        JSON.stringify(other.schema.enum) === JSON.stringify(slot.schema.enum),
    );
    let found = choicesIn(reading, slot).filter(item => !this.#used(item));
    if (twins.length) {
      // from one to another of the same list: the words before tell which
      const lead = (start: number) =>
        reading.words.findLast(word => word.end <= start)?.lower ?? '';
      const wants = (start: number) =>
        /^(?:to|into|nach|auf|à|a|到)$/.test(lead(start))
          ? END
          : /^(?:from|von|de|从)$/.test(lead(start))
          ? START
          : undefined;
      const told = found.filter(
        item =>
          wants(item.start)?.test(plainName(slot)) ||
          new RegExp(`^${lead(item.start).replace(/\W/g, '')}`).test(
            plainName(slot),
          ),
      );
      if (told.length && told[0].start) found = [told[0]];
      else found = [...found].sort((a, b) => a.start - b.start);
    }
    // from one to another: what it shall be stands behind "to"
    if (reading.act?.changes && found.length > 1) {
      const target = found.find(item =>
        /\b(?:to|as|into|auf|in|zu|à|a)\s+(?:the\s+)?$|[到为成]$/i.test(
          reading.text.slice(Math.max(0, item.start - 12), item.start),
        ),
      );
      if (target) found = [target];
    }
    const [first, ...rest] = found;
    if (!first) return;
    const sure =
      first.score >= 0.95
        ? 'certain'
        : first.score >= 0.65
        ? 'likely'
        : 'guess';
    const words = reading.words.filter(
      word => word.start >= first.start && word.end <= first.end,
    );
    // a word of the tool's own subject is hardly a filter too: "orders" in a list of orders
    if (
      first.score < 2 &&
      !slot.required &&
      words.length &&
      words.every(
        word => this.#context.known(word) && !/\p{Lu}/u.test(word.text),
      )
    )
      return;
    const others = rest.filter(
      item =>
        item.score >= 0.95 &&
        !overlaps(item, first) &&
        AND.test(
          reading.text.slice(
            Math.min(first.end, item.end),
            Math.max(first.start, item.start),
          ),
        ),
    );
    this.#put(
      slot,
      first.value,
      sure,
      first.end ? first : undefined,
      others.map(item => item.value),
    );
    for (const other of others)
      this.#filling.stretches.push({
        start: other.start,
        end: other.end,
        sure,
        slot: slot.name,
      });
  }

  #fillNumbers(slots: Slot[]): void {
    const reading = this.#reading;
    const free = reading.numbers.filter(
      mention =>
        !this.#used(mention) &&
        !reading.clocks.some(clock =>
          overlaps({ start: clock.from, end: clock.to }, mention),
        ) &&
        !reading.spans.some(span =>
          overlaps({ start: span.from, end: span.to }, mention),
        ),
    );
    const pairs = slots
      .flatMap(slot =>
        quantitiesFor(free, slot, reading).map(quantity => ({
          slot,
          quantity,
        })),
      )
      .sort((a, b) => b.quantity.score - a.quantity.score);
    for (const { slot, quantity } of pairs) {
      if (this.#filling.values.has(slot.name) || this.#used(quantity)) continue;
      this.#put(
        slot,
        quantity.value,
        quantity.score >= 1.5 ? 'likely' : 'guess',
        quantity,
      );
    }
    // "the last 7 days" for a slot that counts days
    for (const slot of slots) {
      if (this.#filling.values.has(slot.name)) continue;
      const span = reading.spans.find(
        item => item.count !== undefined && countsUnit(slot, item.grain),
      );
      if (span)
        this.#put(slot, span.count, 'likely', {
          start: span.from,
          end: span.to,
        });
      const year = reading.spans.find(
        item =>
          item.grain === 'year' &&
          item.start &&
          /^\d{4}/.test(reading.text.slice(item.from)),
      );
      if (!span && year && countsUnit(slot, 'year'))
        this.#put(slot, Number(year.start!.slice(0, 4)), 'likely', {
          start: year.from,
          end: year.to,
        });
    }
  }

  #fillDates(slots: Slot[]): void {
    const spans = this.#reading.spans.filter(
      span => !this.#used({ start: span.from, end: span.to }),
    );
    if (!spans.length) {
      return;
    }
    const starts = slots.filter(slot => START.test(plainName(slot)));
    const ends = slots.filter(
      slot => END.test(plainName(slot)) && !starts.includes(slot),
    );
    // two days whose names do not tell which is which are first and last
    if (!starts.length && !ends.length && slots.length === 2) {
      starts.push(slots[0]);
      ends.push(slots[1]);
    }
    const paired = starts.length > 0 && ends.length > 0;
    let rest = [...spans];
    for (const slot of slots) {
      const name = plainName(slot);
      const isStart = starts.includes(slot);
      const isEnd = ends.includes(slot);
      let span = rest[0];
      // two days, one for each end: "check in 3 May, check out 7 May"
      if (isEnd && rest.length > 1 && paired && rest[0].start === rest[0].end)
        span = rest[1];
      const named = rest.find(item =>
        this.#before(item).some(word =>
          slot.nouns.some(
            noun =>
              word.stems.includes(noun) && !/^(?:date|day|time)$/.test(noun),
          ),
        ),
      );
      if (named && rest.length > 1) span = named;
      if (!span) continue;
      const value = this.#dateValue(slot, span, {
        isStart,
        isEnd,
        paired,
        name,
      });
      if (value === undefined) continue;
      this.#put(slot, value, 'certain', { start: span.from, end: span.to });
      if (!paired && slots.length > 1 && span.start === span.end)
        rest = rest.filter(item => item !== span);
    }
  }

  #before(span: Span): Word[] {
    return this.#reading.words.filter(word => word.end <= span.from).slice(-3);
  }

  #dateValue(
    slot: Slot,
    span: Span,
    role: { isStart: boolean; isEnd: boolean; paired: boolean; name: string },
  ): string | undefined {
    const reading = this.#reading;
    const single = span.start === span.end;
    let day: string | undefined;
    const shifted = (date: string, days: number) =>
      new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
    if (role.isEnd) {
      day = span.end;
      if (day && !span.start && span.exclusive && /before/.test(role.name))
        day = shifted(day, 1);
      // one day said alone is the day itself where only an end is asked for
      if (
        single &&
        !role.paired &&
        span.start &&
        /\bby\b|deadline|due/.test(role.name)
      )
        day = span.start;
    } else if (role.isStart) {
      day = span.start;
      if (day && !span.end && span.exclusive && /after/.test(role.name))
        day = shifted(day, -1);
    } else {
      if (
        slot.kind !== 'month' &&
        !single &&
        span.start &&
        span.end &&
        span.grain !== 'day' &&
        span.grain !== 'weekend' &&
        !slot.required &&
        !/week|month|period/.test(`${role.name} ${slot.description}`)
      )
        return undefined;
      day = span.start ?? span.end;
    }
    // "since Monday" ends today where an end must be given
    if (
      !day &&
      role.isEnd &&
      slot.required &&
      span.start &&
      !reading.act?.changes
    )
      day = reading.today;
    if (day === undefined) return undefined;
    if (slot.kind === 'month')
      return /YYYYMM\b/.test(slot.description) ||
        /\{6\}/.test(slot.schema.pattern ?? '')
        ? day.slice(0, 7).replace('-', '')
        : day.slice(0, 7);
    if (slot.kind !== 'datetime') return day;
    const { clocks } = this.#reading;
    const loose = role.isEnd && clocks.length > 1 ? clocks[1] : clocks[0];
    const time =
      role.isEnd && role.paired
        ? loose?.time ?? span.endTime ?? '23:59'
        : loose?.time ?? (span.time === span.endTime ? span.time : undefined);
    // a moment without its time is not known
    if (!time && !role.isStart && !role.isEnd) return undefined;
    if (!time && role.isStart && !role.paired && this.#reading.act?.changes)
      return undefined;
    for (const clock of clocks)
      this.#filling.stretches.push({
        start: clock.from,
        end: clock.to,
        sure: 'certain',
        slot: slot.name,
      });
    const zoned =
      slot.schema.format === 'date-time' ||
      /Z\b|UTC|zone/.test(slot.description);
    const seconds = zoned || /:ss/i.test(slot.description) ? ':00' : '';
    return `${day}T${time ?? '00:00'}${seconds}${zoned ? 'Z' : ''}`;
  }

  #itemsOf(item: Slot): { value: unknown; sure: boolean; at?: Stretch }[] {
    const reading = this.#reading;
    switch (item.kind) {
      case 'identifier': {
        const numeric = /^(?:number|integer)$/.test(typeOf(item.schema) ?? '');
        return identifiersIn(reading, item)
          .filter(found => !this.#used(found))
          .map(found => ({
            value: numeric ? Number(found.value) : found.value,
            sure: true,
            at: found,
          }));
      }
      case 'choice':
        return choicesIn(reading, item)
          .filter(found => found.score >= 0.65 && !this.#used(found))
          .map(found => ({ value: found.value, sure: true, at: found }));
      case 'email':
        return reading.emails.map(found => ({
          value: found.value,
          sure: true,
          at: found,
        }));
      case 'url':
        return reading.urls.map(found => ({
          value: found.value,
          sure: true,
          at: found,
        }));
      case 'number':
        return reading.numbers
          .filter(found => !this.#used(found))
          .map(found => ({ value: found.value, sure: true, at: found }));
      case 'date':
        return reading.spans
          .filter(span => span.start && span.start === span.end)
          .map(span => ({
            value: span.start,
            sure: true,
            at: { start: span.from, end: span.to },
          }));
      case 'object':
        return this.#objectsOf(item);
      case 'phrase':
      case 'note': {
        const found = candidatesFor(reading, item, this.#fence(item)).filter(
          candidate => candidate.score >= 1.1,
        );
        const free = found.filter(
          (candidate, index) =>
            !found.slice(0, index).some(other => overlaps(other, candidate)),
        );
        if (!free.length) return [];
        const kept = free[0].marked
          ? free.filter(
              candidate =>
                candidate.marked && candidate.score >= free[0].score - 1.2,
            )
          : this.#series(free[0]);
        return kept
          .sort((a, b) => a.start - b.start)
          .map(candidate => ({
            value: candidate.value,
            sure: candidate.marked,
            at: candidate,
          }));
      }
      default:
        return [];
    }
  }

  /** "milk, eggs and bread": the parts of an enumeration that begins at a value. */
  #series(first: Candidate): Candidate[] {
    const rest = this.#reading.text.slice(first.start);
    const parts = [
      ...rest.matchAll(
        /([^,;、]+?)(?:,\s*(?:and\s+)?|;|、|\s+(?:and|und|et|y)\s+|和|[.?!]|$)/giy,
      ),
    ].slice(0, 12);
    const items = parts.filter(part => part[1].trim().split(/\s+/).length <= 3);
    if (items.length < 2) return [first];
    return items.map(part => ({
      ...first,
      value: part[1].trim(),
      start: first.start + part.index,
      end: first.start + part.index + part[1].length,
    }));
  }

  /** One object for each part of "two of A and three of B". */
  #objectsOf(item: Slot): { value: unknown; sure: boolean; at?: Stretch }[] {
    const found: { value: unknown; sure: boolean; at?: Stretch }[] = [];
    let at = 0;
    for (const part of this.#reading.text
      .split(/(,|;|\band\b|\bplus\b|\bund\b|、|和)/i)
      .slice(0, 24)) {
      const inner = fillSlots(
        item.members ?? [],
        this.#reading.part(part),
        this.#context,
      );
      const whole = (item.members ?? []).every(
        member => !member.required || inner.values.has(member.name),
      );
      if (whole && inner.values.size)
        found.push({
          value: Object.fromEntries(
            [...inner.values].map(([key, finding]) => [key, finding.value]),
          ),
          sure: true,
          at: { start: at, end: at + part.length },
        });
      at += part.length;
    }
    return found;
  }

  #fillPhrases(slots: Slot[]): void {
    const reading = this.#reading;
    for (const slot of slots) {
      const shaped = slot.shape
        ? identifiersIn(reading, slot).find(item => !this.#used(item))
        : undefined;
      const mail = /e-?mail/i.test(slot.description)
        ? reading.emails.find(item => !this.#used(item))
        : undefined;
      const first = shaped ?? mail;
      if (first) this.#put(slot, first.value, 'certain', first);
    }
    const pairs = slots
      .filter(slot => !this.#filling.values.has(slot.name))
      .flatMap(slot =>
        candidatesFor(reading, slot, this.#fence(slot))
          .slice(0, 12)
          .map(candidate => ({ slot, candidate })),
      )
      .sort(
        (a, b) =>
          b.candidate.score +
          (b.slot.required ? 0.4 : 0) -
          a.candidate.score -
          (a.slot.required ? 0.4 : 0),
      );
    for (const { slot, candidate } of pairs) {
      if (this.#filling.values.has(slot.name) || this.#used(candidate))
        continue;
      // what need not be said is taken only when the text marks it as such a value
      if (
        candidate.score < (slot.required ? 0.7 : candidate.marked ? 1.7 : 1.8)
      )
        continue;
      const others = pairs
        .filter(
          pair =>
            pair.slot === slot &&
            pair.candidate.marked &&
            pair.candidate.score >= candidate.score - 0.5 &&
            !overlaps(pair.candidate, candidate) &&
            !this.#used(pair.candidate) &&
            AND.test(reading.text.slice(candidate.end, pair.candidate.start)),
        )
        .map(pair => pair.candidate.value);
      this.#put(
        slot,
        candidate.value,
        candidate.marked ? 'likely' : 'guess',
        candidate,
        others,
      );
    }
  }

  #fillWords(slot: Slot): void {
    const reading = this.#reading;
    const fence = this.#fence(slot);
    if (slot.kind === 'note') {
      const found = noteIn(reading, { used: this.#used });
      if (found) this.#put(slot, found.value, 'likely', found);
    } else if (slot.kind === 'query') {
      const found = searchWords(reading, fence, !slot.required);
      const telling =
        found &&
        reading.words.some(
          word =>
            word.start >= found.start &&
            word.end <= found.end &&
            !word.plain &&
            !fence.known(word),
        );
      if (found && (slot.required || telling))
        this.#put(slot, found.value, 'guess', telling ? found : undefined);
    } else if (slot.kind === 'task' && reading.text.trim()) {
      this.#put(slot, reading.text.trim(), 'guess');
    }
  }
}
