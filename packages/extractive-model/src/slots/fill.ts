import { overlaps, type Reading, type Stretch } from '../text/reading';
import type { Word } from '../text/words';
import { choicesIn, flagIn, listsTheSame } from './choices';
import { daysFor } from './days';
import { candidatesFor, noteIn, searchWords, type Fence } from './phrases';
import { measured, quantitiesFor } from './quantities';
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
  /** True when nothing may be guessed, because the tool changes something. */
  careful?: boolean;
  /** True for identifiers that have the form of another tool's, and values that another tool lists. */
  foreign(text: string): boolean;
}

/** For slots that belong to no tool. */
export const NOTHING_KNOWN: FillContext = {
  known: () => false,
  heard: () => false,
  foreign: () => false,
};

interface Mentioned extends Stretch {
  value: unknown;
  sure: Sureness;
}

/** What is surest goes first, so that vaguer slots take from what is left. */
const ORDER: SlotKind[] =
  'constant identifier email url phone time choice flag number list object phrase note query task'.split(
    ' ',
  ) as SlotKind[];
const DAYS = /^(?:date|datetime|month)$/;
/** What may stand between two values of one kind that are meant both. */
const AND =
  /^\s*(?:[,&/、]|(?:and|or|und|oder|et|ou|y|o|vs\.?|versus|with|to|mit)\b|和|与|跟|以及|或)[\s,&/]*(?:(?:and|or|und)\s+)?(?:(?:the|in|for|with|\p{L}{2,14})\s+)?$/iu;

/** Two names in one word: of what holds a thing, and of the thing. */
const PAIR =
  /^([\p{L}\d][\p{L}\d_-]*)(?:\/([\p{L}\d][\p{L}\d_.-]*?)|\.([\p{L}_][\p{L}\d]*_[\p{L}\d_]*))(?:['’]s)?$/u;
const PATHS = /path|file|folder|director|source|destination/i;
const INTO = /destination|target|^to$|_to$|new_?path|dest/i;
const HOLDER =
  /owner|org(?:ani[sz]ation)?$|namespace|workspace|schema|database|catalog|dataset|bucket|account|group/i;
const PART = /repo|table|relation|view|name|object|collection|dataset|project/i;

const TARGET = /\b(?:to|as|into|auf|in|zu|à|a)\s+(?:the\s+)?$|[到为成]$/i;

function sureOf(score: number): Sureness {
  if (score >= 0.95) return 'certain';
  return score >= 0.65 ? 'likely' : 'guess';
}

const valuesOf = (filling: Filling) =>
  Object.fromEntries(
    [...filling.values].map(([key, finding]) => [key, finding.value]),
  );

class Filler {
  readonly filling: Filling = { values: new Map(), stretches: [] };
  readonly #reading: Reading;
  readonly #context: FillContext;
  #dated = false;
  #slots: Slot[] = [];
  #wordy: Fence['wordy'];

  constructor(reading: Reading, context: FillContext) {
    this.#reading = reading;
    this.#context = context;
  }

  fill(slots: Slot[]): void {
    this.#slots = slots;
    this.#dated = slots.some(slot => DAYS.test(slot.kind));
    const notes = slots.filter(slot => slot.kind === 'note');
    if (notes.length)
      this.#wordy = notes.some(slot => slot.required) ? 'must' : 'may';
    this.#fillPaths(slots);
    this.#fillPairs(slots);
    for (const { slot, value, at } of daysFor(
      slots.filter(item => DAYS.test(item.kind)),
      this.#reading,
    )) {
      this.#put(slot, value, 'certain', at[0]);
      for (const stretch of at.slice(1)) this.#use(slot, stretch, 'certain');
    }
    const sorted = [...slots].sort(
      (a, b) =>
        ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
        Number(b.shape !== undefined) - Number(a.shape !== undefined) ||
        Number(b.required) - Number(a.required),
    );
    const taken = (kind: SlotKind) =>
      sorted.filter(
        slot => slot.kind === kind && !this.filling.values.has(slot.name),
      );
    for (const slot of sorted) {
      if (slot.kind === 'number')
        this.#assign(
          taken('number'),
          item =>
            quantitiesFor(this.#numbers(), item).map(quantity => ({
              ...quantity,
              marked: quantity.score >= 1.5,
            })),
          () => (this.#context.careful ? 1.2 : 0),
        );
      else if (slot.kind === 'phrase') this.#fillPhrases(taken('phrase'));
      else if (!DAYS.test(slot.kind) && !this.filling.values.has(slot.name))
        this.#fillOne(slot);
    }
    this.#fillLeftover(taken('number').filter(slot => slot.required));
    this.#fillLeftover(taken('identifier').filter(slot => slot.required));
  }

  /** The members of an object slot, filled from a text. */
  #inner(slot: Slot, reading: Reading): Filling {
    const filler = new Filler(reading, this.#context);
    filler.fill(slot.members ?? []);
    return filler.filling;
  }

  #use(slot: Slot, at: Stretch, sure: Sureness): void {
    this.filling.stretches.push({
      start: at.start,
      end: at.end,
      sure,
      slot: slot.name,
    });
  }

  #put(
    slot: Slot,
    value: unknown,
    sure: Sureness,
    at?: Stretch,
    others: unknown[] = [],
  ): void {
    this.filling.values.set(slot.name, { value, sure, others });
    if (at?.end) this.#use(slot, at, sure);
  }

  readonly #used = (stretch: Stretch) =>
    this.filling.stretches.some(used => overlaps(used, stretch));

  #fence(slot: Slot): Fence {
    const { spans } = this.#reading;
    return {
      ...this.#context,
      wordy: this.#wordy,
      known: word =>
        this.#context.known(word) ||
        slot.nouns.some(noun => word.stems.includes(noun)),
      used: stretch =>
        this.#used(stretch) ||
        spans.some(span => span.from < stretch.end && stretch.start < span.to),
    };
  }

  /** Numbers that are no part of a day, a time or an identifier. */
  #numbers() {
    const { numbers, clocks, spans } = this.#reading;
    // a year alone may be meant as a number where no day is taken
    const timed = [
      ...clocks,
      ...spans.filter(span => this.#dated || span.grain !== 'year'),
    ];
    return numbers.filter(
      mention =>
        !this.#used(mention) &&
        !timed.some(time => time.from < mention.end && mention.start < time.to),
    );
  }

  /** Whether a value stands behind "to". */
  #isTarget({ start }: Stretch): boolean {
    return TARGET.test(
      this.#reading.text.slice(Math.max(0, start - 12), start),
    );
  }

  /** Paths as they stand, each to the slot that the words before it point at. */
  #fillPaths(slots: Slot[]): void {
    const free = slots.filter(
      slot =>
        slot.kind === 'phrase' &&
        !slot.shape &&
        PATHS.test(`${slot.name} ${slot.description}`),
    );
    for (const path of free.length ? this.#reading.paths : []) {
      const open = free.filter(slot => !this.filling.values.has(slot.name));
      const to = this.#isTarget(path);
      const slot =
        open.find(item => INTO.test(item.name) === to) ??
        (open.length === 1 && free.length === 1 ? open[0] : undefined);
      if (slot) this.#put(slot, path.value, 'certain', path);
    }
  }

  /** "acme/parser" is a repository and whose it is, "billing.invoice" a table and its schema. */
  #fillPairs(slots: Slot[]): void {
    const { words } = this.#reading;
    const free = slots.filter(
      slot =>
        !slot.shape && (slot.kind === 'phrase' || slot.kind === 'identifier'),
    );
    const at = free.findIndex(
      (slot, index) =>
        HOLDER.test(slot.name) && PART.test(free[index + 1]?.name ?? ''),
    );
    if (at < 0) return;
    const [holder, part] = [free[at], free[at + 1]];
    const pairs = words.flatMap((word, index) => {
      const pair = PAIR.exec(word.text);
      // "branch hotfix/login" is a branch
      const other = slots.some(
        slot =>
          slot !== holder &&
          slot !== part &&
          slot.nouns.some(noun => words[index - 1]?.stems.includes(noun)),
      );
      return pair && !other ? [{ word, pair }] : [];
    });
    if (!pairs.length) return;
    const { word, pair } = pairs[0];
    const middle = word.start + pair[1].length;
    this.#put(holder, pair[1], 'certain', { start: word.start, end: middle });
    this.#put(part, pair[2] ?? pair[3], 'certain', {
      start: middle,
      end: word.end,
    });
  }

  /** Every value of a slot's kind that a text holds, the best first. */
  #mentionsOf(slot: Slot): Mentioned[] {
    const reading = this.#reading;
    const certain = (items: (Stretch & { value: unknown })[]) =>
      items.map(item => ({ ...item, sure: 'certain' as const }));
    const numeric = /^(?:number|integer)$/.test(typeOf(slot.schema) ?? '');
    switch (slot.kind) {
      case 'identifier': {
        const found = identifiersIn(reading, slot)
          .filter(
            item =>
              slot.shape || item.named || !this.#context.foreign(item.value),
          )
          .filter(item => !numeric || /^\d+$/.test(item.value))
          .map(item => ({
            ...item,
            value: numeric ? Number(item.value) : item.value,
            sure:
              slot.shape || item.sure
                ? ('certain' as const)
                : ('likely' as const),
          }));
        return found;
      }
      case 'email':
        return certain(reading.emails);
      case 'url':
        return certain(reading.urls);
      case 'phone':
        return certain(reading.phones);
      case 'time':
        return certain(
          reading.clocks.map(clock => ({
            value: clock.time,
            start: clock.from,
            end: clock.to,
          })),
        );
      case 'choice':
        return choicesIn(reading, slot).map(item => ({
          ...item,
          sure: sureOf(item.score),
        }));
      case 'number':
        return certain(this.#numbers());
      case 'date':
        return certain(
          reading.spans
            .filter(span => span.start && span.start === span.end)
            .map(span => ({
              value: span.start,
              start: span.from,
              end: span.to,
            })),
        );
      default:
        return [];
    }
  }

  #fillOne(slot: Slot): void {
    const reading = this.#reading;
    const { kind } = slot;
    if (kind === 'constant') this.#put(slot, slot.schema.const, 'guess');
    else if (kind === 'flag') {
      const found = flagIn(reading, slot);
      if (found) this.#put(slot, found.value, 'likely', found);
    } else if (kind === 'object') {
      const inner = this.#inner(slot, reading);
      const whole = slot.members?.every(
        member => !member.required || inner.values.has(member.name),
      );
      if (!whole || !inner.values.size) return;
      const sure = [...inner.values.values()].some(
        finding => finding.sure !== 'guess',
      );
      this.#put(slot, valuesOf(inner), sure ? 'likely' : 'guess');
      this.filling.stretches.push(...inner.stretches);
    } else if (kind === 'list') {
      const items = slot.item
        ? this.#mentionsOf(slot.item).filter(
            item => item.sure !== 'guess' && !this.#used(item),
          )
        : [];
      if (items.length)
        this.#put(
          slot,
          items.sort((a, b) => a.start - b.start).map(item => item.value),
          'likely',
        );
      for (const item of items) this.#use(slot, item, 'likely');
    } else if (kind === 'note' || kind === 'query' || kind === 'task')
      this.#fillWords(slot);
    else this.#fillTyped(slot);
  }

  #fillTyped(slot: Slot): void {
    const reading = this.#reading;
    let found = this.#mentionsOf(slot).filter(item => !this.#used(item));
    // from one to another: what it shall be stands behind "to"
    if (slot.kind === 'choice' && this.#context.careful) {
      const target = found.findLast(item => this.#isTarget(item));
      if (target) found = [target];
    }
    // from USD to JPY: of two slots with one list, the first gets what is said first
    const twins =
      slot.kind === 'choice' &&
      this.#slots.some(
        other =>
          other !== slot &&
          other.kind === 'choice' &&
          listsTheSame(other, slot),
      );
    if (twins) found.sort((a, b) => a.start - b.start);
    const [first] = found;
    if (!first) return;
    // a word of the tool's own subject is hardly a filter too: "orders" in a list of orders
    const words = reading.words.filter(
      word => word.start >= first.start && word.end <= first.end,
    );
    const vague =
      slot.kind === 'choice' &&
      !slot.required &&
      words.every(
        word => this.#context.known(word) && !/\p{Lu}/u.test(word.text),
      );
    if (vague && first.sure !== 'certain') return;
    const kept = [first];
    for (const item of found.slice(1)) {
      const last = kept[kept.length - 1];
      const [a, b] = item.start > last.start ? [last, item] : [item, first];
      if (
        item.sure === 'certain' &&
        !twins &&
        AND.test(reading.text.slice(a.end, b.start))
      )
        kept.push(item);
    }
    this.#put(
      slot,
      first.value,
      first.sure,
      first,
      kept.slice(1).map(item => item.value),
    );
    for (const item of kept.slice(1)) this.#use(slot, item, first.sure);
  }

  /** Gives each slot its best candidate, the best pair of all first. */
  #assign(
    slots: Slot[],
    candidates: (
      slot: Slot,
    ) => (Stretch & { value: unknown; score: number; marked: boolean })[],
    least: (slot: Slot, marked: boolean) => number,
  ): void {
    const pairs = slots
      .flatMap(slot =>
        candidates(slot)
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
      if (
        this.filling.values.has(slot.name) ||
        this.#used(candidate) ||
        candidate.score < least(slot, candidate.marked)
      )
        continue;
      this.#put(
        slot,
        candidate.value,
        candidate.marked ? 'likely' : 'guess',
        candidate,
      );
    }
  }

  #fillPhrases(slots: Slot[]): void {
    const reading = this.#reading;
    for (const slot of slots) {
      const mails = /e-?mail/i.test(slot.description) ? reading.emails : [];
      const first = mails.find(item => !this.#used(item));
      if (first) this.#put(slot, first.value, 'certain', first);
    }
    // what need not be said is taken only when the text marks it as such a value
    this.#assign(
      slots.filter(slot => !this.filling.values.has(slot.name)),
      slot => candidatesFor(reading, slot, this.#fence(slot)),
      (slot, marked) => {
        if (slot.required) return this.#context.careful ? 1 : 0.7;
        return marked ? 1.7 : 1.8;
      },
    );
  }

  /** The only number that is left over belongs to the only slot that still needs one. */
  #fillLeftover(slots: Slot[]): void {
    const [slot, ...more] = slots;
    if (!slot || more.length || slot.shape) return;
    const identifier = slot.kind === 'identifier';
    // "Lindenstrasse 7" holds a street and a number
    const text = this.#reading.text;
    if (identifier)
      for (const [name, finding] of this.filling.values) {
        const split = /^(.+\p{L}) (\d{1,5}\p{L}?)$/u.exec(
          String(finding.value),
        );
        if (!split || slot.stems.has(name)) continue;
        this.filling.values.set(name, { ...finding, value: split[1] });
        this.#put(slot, split[2], 'likely');
        return;
      }
    const free = this.#numbers().filter(
      number =>
        !number.currency &&
        !number.percent &&
        !number.ordinal &&
        !/^(?:one|an?|eine?[nrms]?|eins)$/i.test(
          text.slice(number.start, number.end),
        ) &&
        (identifier
          ? /^\d+$/.test(text.slice(number.start, number.end)) &&
            !measured(number.unit) &&
            (number.end - number.start >= 3 || /^(?:号|期)$/.test(number.unit))
          : !measured(number.unit)),
    );
    if (free.length !== 1) return;
    const [number] = free;
    const numeric = /^(?:number|integer)$/.test(typeOf(slot.schema) ?? '');
    const value =
      identifier && !numeric
        ? text.slice(number.start, number.end)
        : number.value;
    const bounds = slot.schema;
    if (
      typeof value === 'number' &&
      ((bounds.minimum !== undefined && value < bounds.minimum) ||
        (bounds.maximum !== undefined && value > bounds.maximum) ||
        (typeOf(bounds) === 'integer' && !Number.isInteger(value)))
    )
      return;
    this.#put(slot, value, 'likely', number);
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
        reading.content.some(
          word =>
            word.start >= found.start &&
            word.end <= found.end &&
            !fence.known(word),
        );
      if (found && (slot.required || telling))
        this.#put(slot, found.value, 'guess', telling ? found : undefined);
    } else if (reading.text.trim())
      this.#put(slot, reading.text.trim(), 'guess');
  }
}

/** Fills a tool's slots from one text. */
export function fillSlots(
  slots: Slot[],
  reading: Reading,
  context: FillContext,
): Filling {
  const filler = new Filler(reading, context);
  filler.fill(slots);
  return filler.filling;
}
