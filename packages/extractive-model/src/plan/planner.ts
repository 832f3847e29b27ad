import { readData } from '../answer/data';
import type { ToolCard } from '../cards/card';
import { judgeAll, vocabularyOf, type Judgement } from '../cards/judge';
import type { ToolIndex } from '../cards/toolIndex';
import { clausesOf, leansOnThePast } from '../conversation/clauses';
import type { FinishedCall, Turn } from '../conversation/turns';
import { NOTHING_KNOWN, fillSlots, type Filling } from '../slots/fill';
import type { Slot } from '../slots/slot';
import { makes } from '../text/lexicon';
import { overlaps, type Reading } from '../text/reading';
import { stemsOf } from '../text/words';
import { carriedValues, pointsAtOneThing } from './carry';

/** A call of a tool that the model wants made. */
export interface PlannedCall {
  name: string;
  arguments: Record<string, unknown>;
}

/** What to do next. */
export type Plan =
  | { kind: 'call'; calls: PlannedCall[] }
  | { kind: 'ask'; card: ToolCard; missing: Slot[] }
  | { kind: 'answer'; goals: string[] }
  | { kind: 'decline' };

interface Goal {
  card: ToolCard;
  reading: Reading;
  /** True when it is the only request of its message. */
  sole?: boolean;
  /** Arguments of an earlier call that the person goes on from: "and in shipping?". */
  base?: Record<string, unknown>;
}

interface Ready {
  arguments: Record<string, unknown>;
  /** More calls of the same tool, such as one for each of two identifiers. */
  siblings: Record<string, unknown>[];
  missing: Slot[];
  filling: Filling;
}

/** More calls than this in one turn are a loop, whatever the reason. */
const MOST_CALLS = 8;
/** So many tools are looked at closely; the others only by their words. */
const MOST_CLOSE = 30;

/** Says that what was done shall be done again with something else. */
const AGAIN =
  /^(?:(?:and|ok(?:ay)?|now|great|thanks|then|und)[\s,.!]+)*(?:the )?(?:same|also|and|do the same|likewise|ditto|auch|dasselbe|und|la même|lo mismo|igual|também|同样|也|还有)(?![\p{L}])/iu;

const NEXT_DAY =
  /\bthe (?:day after|next day|following day|day before)\b(?! tomorrow| yesterday)|\b(?:am|den) (?:tag danach|tag davor|nächsten tag)\b|第二天|次日|前一天/iu;
const dayAfter = (day: string, days: number) =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item) =>
    item && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(
          Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : item,
  );

/** True when this very call was made already in this turn. */
function isDone(call: PlannedCall, calls: FinishedCall[]): boolean {
  const wanted = canonical(call.arguments);
  return calls.some(
    other => other.name === call.name && canonical(other.arguments) === wanted,
  );
}

/** Whether a call has a value that only a result of this turn told; else it could have been made at once. */
function usesResults(args: Record<string, unknown>, turn: Turn): boolean {
  const results = turn.calls.map(call => call.result).join('\n');
  return Object.values(args).some(value => {
    const text = String(value);
    return (
      results.includes(text) &&
      !turn.question.toLowerCase().includes(text.toLowerCase())
    );
  });
}

/** Decides the next step of a conversation's last turn. */
export class Planner {
  readonly #index: ToolIndex;
  readonly #read: (text: string) => Reading;
  readonly #judged = new Map<Reading, Judgement[]>();

  constructor(index: ToolIndex, read: (text: string) => Reading) {
    this.#index = index;
    this.#read = read;
  }

  next(given: Turn[]): Plan {
    const { turns, said } = this.#withReply(given);
    const turn = turns[turns.length - 1];
    if (!turn || !this.#index.cards.length)
      return turn?.calls.length
        ? { kind: 'answer', goals: [] }
        : { kind: 'decline' };
    const last = turn.calls.at(-1);
    if (
      turn.calls.length >= MOST_CALLS ||
      (last && readData(last.result).kind === 'error')
    )
      return { kind: 'answer', goals: turn.calls.map(call => call.name) };
    const goals = this.goals(turns);
    for (const [position, goal] of goals.entries()) {
      const alone = goals.length === 1;
      const step = this.#stepTowards(
        goal,
        alone,
        turns,
        position === goals.length - 1 ? said : new Map(),
      );
      if (step) return step;
    }
    if (!turn.calls.length) return { kind: 'decline' };
    return { kind: 'answer', goals: goals.map(goal => goal.card.name) };
  }

  /** The tools that serve the last message, one for each request in it. */
  goals(turns: Turn[]): Goal[] {
    const turn = turns[turns.length - 1];
    const clauses = clausesOf(turn.question);
    if (!clauses.length) clauses.push(turn.question);
    const found: Goal[] = [];
    const requests = clauses.filter(clause => {
      const { isQuestion, act } = this.#read(clause);
      return isQuestion || act !== undefined;
    });
    // what is only told stands round what is asked for
    const wanted = requests.length ? requests : clauses;
    for (const [position, clause] of wanted.entries()) {
      const goal = this.#goalOf(this.#read(clause), turns);
      if (!goal) continue;
      // "and is it paid?" after a question is about the same thing
      const named = this.judgements(goal.reading).find(
        item => item.card === goal.card,
      )?.named;
      const leans = position > 0 && !named && leansOnThePast(clause);
      const same = found.some(other => other.card === goal.card);
      if (!same && !(leans && found.length)) found.push(goal);
    }
    if (!found.length && clauses.length > 1) {
      const goal = this.#goalOf(this.#read(turn.question), turns);
      if (goal) found.push(goal);
    }
    return found.length === 1 ? [{ ...found[0], sole: true }] : found;
  }

  /** Every tool judged for a text, the best first. */
  judgements(reading: Reading): Judgement[] {
    let known = this.#judged.get(reading);
    if (!known) {
      let { cards } = this.#index;
      if (cards.length > MOST_CLOSE) {
        const scored = cards.map(card => ({
          card,
          score: this.#index.relevanceOf(reading, card, () => false).score,
        }));
        cards = scored
          .sort((a, b) => b.score - a.score)
          .slice(0, MOST_CLOSE)
          .map(item => item.card);
      }
      known = judgeAll(reading, cards, this.#index);
      // what this tool needs, another can find by what the request names
      for (const item of known) {
        const wanted = item.missing.filter(slot => slot.kind === 'identifier');
        if (
          !item.named ||
          !wanted.length ||
          wanted.length < item.missing.length
        )
          continue;
        const owners = wanted.flatMap(slot => this.#ownersOf(slot));
        const label = stemsOf(item.card.label);
        const says = (stem: string) =>
          reading.content.some(word => word.stems.includes(stem));
        for (const other of known) {
          const finds =
            other !== item &&
            other.exact &&
            !other.card.changes &&
            !other.missing.length &&
            owners.some(stem => other.card.stems.has(stem));
          const own = stemsOf(other.card.label);
          if (
            finds &&
            label.some(stem => says(stem) && !own.includes(stem)) &&
            !own.some(says)
          )
            Object.assign(item, {
              score: Math.max(item.score, other.score + 0.8),
              chance: Math.max(item.chance, other.chance),
              fits: item.fits || other.fits,
            });
        }
      }
      known.sort((a, b) => b.score - a.score);
      this.#judged.set(reading, known);
    }
    return known;
  }

  #goalOf(reading: Reading, turns: Turn[]): Goal | undefined {
    const judged = this.judgements(reading);
    const alone = judged.find(item => item.fits);
    const before = turns
      .slice(0, -1)
      .findLast(turn => turn.calls.length)
      ?.calls.at(-1);
    const previous =
      before && judged.find(item => item.card.name === before.name);
    if (
      previous &&
      leansOnThePast(reading.text) &&
      (previous.card.changes
        ? AGAIN.test(reading.text.trim())
        : !reading.act?.changes)
    ) {
      const fresh = this.#freshValues(previous, reading, before.arguments);
      const next = NEXT_DAY.exec(reading.text);
      for (const [name, day] of next ? Object.entries(before.arguments) : [])
        if (/^\d{4}-\d\d-\d\d$/.test(String(day)))
          fresh.push([
            name,
            dayAfter(String(day), /before|davor|前/i.test(next![0]) ? -1 : 1),
          ]);
      const weak =
        !alone ||
        alone.card === previous.card ||
        (!alone.named && alone.score < previous.score + 1.5) ||
        (alone.missing.length > 0 && !alone.named);
      if (fresh.length && weak && reading.content.length <= 6)
        return {
          card: previous.card,
          reading,
          base: { ...before.arguments, ...Object.fromEntries(fresh) },
        };
    }
    return alone && { card: alone.card, reading };
  }

  /** Values that a follow-up gives anew for the tool of the call before. */
  #freshValues(
    previous: Judgement,
    reading: Reading,
    before: Record<string, unknown>,
  ): [string, unknown][] {
    const { card, filling } = previous;
    const unknown = reading.content.filter(
      word =>
        !filling.stretches.some(stretch => overlaps(stretch, word)) &&
        !word.stems.some(stem => card.stems.has(stem)) &&
        !reading.act?.words.includes(word) &&
        !reading.spans.some(
          span => span.from < word.end && word.start < span.to,
        ),
    );
    // "and 86?" takes the place of the only number before
    const [number] = reading.numbers;
    const numeric = Object.entries(before).filter(
      ([, value]) => typeof value === 'number',
    );
    if (
      number &&
      numeric.length === 1 &&
      unknown.every(word => word.start === number.start) &&
      ![...filling.values.values()].some(item => item.value === number.value)
    )
      return [[numeric[0][0], number.value]];
    if (unknown.length > 1) return [];
    return [...filling.values]
      .filter(([name, finding]) => {
        const slot = card.slots.find(item => item.name === name);
        return (
          slot &&
          slot.kind !== 'constant' &&
          slot.kind !== 'task' &&
          (finding.sure !== 'guess' ||
            pointsAtOneThing(slot) ||
            slot.kind === 'number') &&
          canonical(finding.value) !== canonical(before[name])
        );
      })
      .map(([name, finding]) => [name, finding.value]);
  }

  /** Fills a tool from the request, the rest of the message and the conversation, in that order. */
  ready(
    goal: Goal,
    turns: Turn[],
    said: ReadonlyMap<string, unknown> = new Map(),
  ): Ready {
    const { card, reading } = goal;
    const turn = turns[turns.length - 1];
    const filling = fillSlots(
      card.slots,
      reading,
      vocabularyOf(card, this.#index),
    );
    const whole =
      turn.question === reading.text
        ? filling
        : fillSlots(
            card.slots,
            this.#read(turn.question),
            vocabularyOf(card, this.#index),
          );
    const values = new Map<string, { value: unknown; others: unknown[] }>();
    for (const slot of card.slots) {
      const own = filling.values.get(slot.name);
      const elsewhere = whole.values.get(slot.name);
      // of one request, the whole message tells which identifier stands behind its noun
      const known = goal.sole && slot.kind === 'identifier' && elsewhere;
      // what is changed is never guessed from a list
      const guess =
        card.changes && slot.kind === 'choice'
          ? undefined
          : own ?? (slot.required ? elsewhere : undefined);
      const best =
        (known && known.sure === 'certain' ? known : undefined) ??
        [own, elsewhere].find(item => item && item.sure !== 'guess') ??
        guess;
      if (said.has(slot.name))
        values.set(slot.name, { value: said.get(slot.name), others: [] });
      else if (best)
        values.set(slot.name, {
          value: best.value,
          others: slot.kind === 'list' ? [] : best.others,
        });
    }
    if (goal.base)
      for (const [name, value] of Object.entries(goal.base))
        values.set(name, { value, others: [] });
    const leans = leansOnThePast(reading.text);
    let namesOne = [...values.keys()].some(name =>
      card.slots.some(slot => slot.name === name && pointsAtOneThing(slot)),
    );
    const missing: Slot[] = [];
    for (const slot of card.slots) {
      const guessed =
        filling.values.get(slot.name)?.sure === 'guess' && !said.has(slot.name);
      if (
        values.has(slot.name) &&
        !(guessed && turn.calls.length && slot.kind === 'identifier')
      )
        continue;
      const optional =
        !slot.required &&
        leans &&
        !namesOne &&
        pointsAtOneThing(slot) &&
        turns.length > 1;
      const may = slot.required
        ? !['note', 'query', 'task', 'flag'].includes(slot.kind)
        : optional;
      const carried = may && !goal.base ? this.#carried(slot, goal, turns) : [];
      // what changes something is told by the person: only what points at one thing is taken from elsewhere
      const allowed =
        !card.changes || ['identifier', 'email'].includes(slot.kind);
      if (
        carried.length &&
        allowed &&
        (slot.required || carried.length === 1) &&
        carried.length <= (card.changes ? 1 : 3)
      ) {
        values.set(slot.name, { value: carried[0], others: carried.slice(1) });
        namesOne = true;
      } else if (slot.required && !values.has(slot.name)) missing.push(slot);
    }
    const args = Object.fromEntries(
      [...values].map(([name, item]) => [name, item.value]),
    );
    const siblings = [...values].flatMap(([name, item]) =>
      item.others.map(value => ({ ...args, [name]: value })),
    );
    return {
      arguments: args,
      siblings: card.changes ? siblings.slice(0, 0) : siblings.slice(0, 4),
      missing,
      filling,
    };
  }

  #carried(slot: Slot, goal: Goal, turns: Turn[]): unknown[] {
    const { values, fromThisTurn } = carriedValues(
      slot,
      turns,
      this.#read,
      goal.card.slots,
    );
    return fromThisTurn ||
      leansOnThePast(goal.reading.text) ||
      (goal.reading.content.length <= 6 && slot.kind !== 'phrase')
      ? values
      : [];
  }

  /** The next step towards one goal; nothing when it is reached, or cannot be. */
  #stepTowards(
    goal: Goal,
    alone: boolean,
    turns: Turn[],
    said: ReadonlyMap<string, unknown>,
  ): Plan | undefined {
    const turn = turns[turns.length - 1];
    const { card } = goal;
    const called = turn.calls.some(call => call.name === card.name);
    if (called && (alone || card.changes)) return undefined;
    const ready = this.ready(goal, turns, said);
    if (ready.missing.length) {
      if (called) return undefined;
      const bridge = this.#bridgeTo(ready, goal, turns);
      if (bridge) return { kind: 'call', calls: [bridge] };
      // what was found on the way may already be the answer
      if (turn.calls.length && !card.changes) return undefined;
      return { kind: 'ask', card, missing: ready.missing };
    }
    if (
      alone &&
      !card.changes &&
      turn.calls.length &&
      !usesResults(ready.arguments, turn)
    )
      return undefined;
    const calls = [ready.arguments, ...ready.siblings]
      .map(args => ({ name: card.name, arguments: args }))
      .filter(call => !isDone(call, turn.calls));
    return calls.length ? { kind: 'call', calls } : undefined;
  }

  /** A tool that looks and whose result may hold what another tool needs, when the request names what to look for. */
  #bridgeTo(ready: Ready, goal: Goal, turns: Turn[]): PlannedCall | undefined {
    const turn = turns[turns.length - 1];
    const wanted = ready.missing.filter(
      slot =>
        ['identifier', 'email'].includes(slot.kind) ||
        (slot.kind === 'phrase' && !goal.card.changes),
    );
    // what only the person can say is asked for first
    if (
      !wanted.length ||
      (goal.card.changes && wanted.length < ready.missing.length)
    )
      return undefined;
    const owners = new Set([
      ...wanted.flatMap(slot => this.#ownersOf(slot)),
      // what is renewed, moved or cancelled is in the list of such things
      ...(goal.card.changes && ![...goal.card.acts].some(makes)
        ? stemsOf(goal.card.label).slice(1)
        : []),
    ]);
    // what the other sentences tell is about the thing to look for
    const rest = clausesOf(turn.question).filter(
      clause => clause !== goal.reading.text,
    );
    const around = rest.length ? this.#read(rest.join(' ')) : goal.reading;
    const whole = this.#read(turn.question);
    const taken = canonical(ready.arguments).toLowerCase();
    const free = [...whole.names, ...whole.quotes].some(
      name => !taken.includes(name.value.toLowerCase()),
    );
    let best: PlannedCall | undefined;
    let bestScore = 0.8;
    for (const { card, relevance } of this.judgements(around)) {
      if (card === goal.card || card.changes) continue;
      const other = this.ready({ card, reading: around }, turns);
      const call = { name: card.name, arguments: other.arguments };
      if (other.missing.length || isDone(call, turn.calls)) continue;
      // a look without anything that was said would be a look at everything
      const certain = [...other.filling.values].some(
        ([name, { sure }]) =>
          sure === 'certain' ||
          (sure === 'likely' &&
            card.slots.some(
              slot => slot.name === name && pointsAtOneThing(slot),
            )),
      );
      if (!certain && !(free && other.filling.values.size)) continue;
      const named = stemsOf(card.label).some(stem => owners.has(stem));
      // to change something, only a tool that lists the very thing may tell which
      if (goal.card.changes && !named) continue;
      const yields = Math.max(
        named ? 2 : 0,
        ...[...owners].map(stem => card.stems.get(stem) ?? 0),
      );
      const score = yields + (certain ? 1 : 0) + relevance.score * 0.3;
      if (yields > 0 && score > bestScore) {
        best = call;
        bestScore = score;
      }
    }
    return best;
  }

  /** Stems of the things that a slot points at: its own noun, and what other tools that take it are about. */
  #ownersOf(slot: Slot): string[] {
    const takers = this.#index.cards.filter(
      card =>
        !card.changes &&
        card.slots.some(other => other.name === slot.name && other.required),
    );
    return [
      ...slot.nouns,
      ...stemsOf(slot.description),
      ...takers.flatMap(card => stemsOf(card.label)),
    ].filter(
      stem => !/^(?:email|name|number|get|find|list|search|show)$/.test(stem),
    );
  }

  /** When the turn before only asked for something, its question and the reply to it are one request. */
  #withReply(turns: Turn[]): { turns: Turn[]; said: Map<string, unknown> } {
    const said = new Map<string, unknown>();
    const [previous, current] = turns.slice(-2);
    if (
      !current ||
      !previous ||
      previous === current ||
      previous.calls.length ||
      previous.answer === undefined
    )
      return { turns, said };
    const before = new Planner(this.#index, this.#read).next(
      turns.slice(0, -1),
    );
    if (before.kind !== 'ask') return { turns, said };
    const reply = this.#read(current.question);
    const [own] = this.judgements(reply);
    const anew = reply.isQuestion || reply.act !== undefined || reply.wants;
    if (anew && own?.fits && own.card !== before.card) return { turns, said };
    const filled = fillSlots(before.missing, reply, NOTHING_KNOWN).values;
    const sole = before.missing.length === 1 ? before.missing[0] : undefined;
    for (const slot of before.missing) {
      const [number] = reply.numbers;
      if (sole && ['note', 'query'].includes(slot.kind) && !reply.quotes.length)
        said.set(slot.name, current.question.trim());
      else if (filled.has(slot.name))
        said.set(slot.name, filled.get(slot.name)!.value);
      else if (slot.kind === 'number' && number)
        said.set(slot.name, number.value);
      else if (sole && slot.kind === 'phrase' && reply.words.length <= 6)
        said.set(slot.name, current.question.trim().replace(/[.!?]$/, ''));
    }
    if (!said.size) return { turns, said };
    return {
      turns: [
        ...turns.slice(0, -2),
        { ...current, question: previous.question },
      ],
      said,
    };
  }

  /** The best tool with whatever can be filled, for callers that insist on a call. */
  forced(turns: Turn[]): PlannedCall | undefined {
    const reading = this.#read(turns[turns.length - 1]?.question ?? '');
    const [best] = this.judgements(reading);
    return (
      best && {
        name: best.card.name,
        arguments: this.ready({ card: best.card, reading }, turns).arguments,
      }
    );
  }
}
