import type { Reading } from '../text/reading';
import { nearness } from '../text/meaning';
import { likeness, type Word } from '../text/words';
import type { ToolCard } from './card';

/** One word of a request and how a card explains it. */
export interface Explained {
  word: Word;
  /** 0 to 1: how surely the card speaks of it. */
  by: number;
  /** True when it is in the card's subject. */
  subject: boolean;
  /** What it adds to the card's score. */
  gain: number;
}

/** How well the words of a request fit a card. */
export interface Relevance {
  score: number;
  explained: Explained[];
  /** Question words that ask for something which the card holds. */
  asked: number;
}

const K1 = 3;
/** All tools of a request together: which words they know, and how rare each is among them. */
export class ToolIndex {
  readonly cards: ToolCard[];
  readonly #frequency = new Map<string, number>();
  readonly #byLetter = new Map<string, string[]>();
  readonly #owners = new Map<string, Map<ToolCard, string>>();
  readonly #resolved = new Map<string, [string, number][]>();

  constructor(cards: ToolCard[]) {
    this.cards = cards;
    for (const card of cards)
      for (const stem of card.stems.keys())
        this.#frequency.set(stem, (this.#frequency.get(stem) ?? 0) + 1);
    for (const stem of this.#frequency.keys()) {
      const list = this.#byLetter.get(stem[0]);
      if (list) list.push(stem);
      else this.#byLetter.set(stem[0], [stem]);
    }
  }

  /** True when a text has the form of another card's identifiers, or is one of its listed values, and not of this one's. */
  belongsElsewhere(text: string, card: ToolCard): boolean {
    if (text.length > 64 || !/\d|[-_]|\p{Lu}{2}/u.test(text)) return false;
    let owners = this.#owners.get(text);
    if (!owners) {
      owners = new Map(
        this.cards.flatMap(owner =>
          owner.slots
            .filter(
              slot =>
                slot.shape?.accept(text) !== undefined ||
                slot.schema.enum?.includes(text),
            )
            .map(slot => [owner, slot.name] as const),
        ),
      );
      this.#owners.set(text, owners);
    }
    // a slot of the same name takes the same things
    const names = new Set(owners.values());
    return (
      owners.size > 0 &&
      !owners.has(card) &&
      !card.slots.some(slot => names.has(slot.name))
    );
  }

  rarity(stem: string): number {
    const count = this.#frequency.get(stem) ?? 0;
    // with few tools the classic formula falls to nothing for shared words; they still tell the subject
    return (
      0.4 + Math.log(1 + (this.cards.length - count + 0.5) / (count + 0.5))
    );
  }

  /** What the tools call a word: itself, its family, a misspelling of theirs, or words of its company. */
  #resolve(word: Word): [string, number][] {
    const key = word.stems.join(' ');
    let found = this.#resolved.get(key);
    if (found) return found;
    const best = new Map<string, number>();
    const put = (stem: string, weight: number) =>
      best.set(stem, Math.max(best.get(stem) ?? 0, weight));
    for (const stem of word.stems) {
      if (this.#frequency.has(stem)) put(stem, 1);
      const han = /\p{Script=Han}/u.test(stem);
      const near = han
        ? [...this.#byLetter.values()]
            .flat()
            .filter(other => /\p{Script=Han}/u.test(other))
        : this.#byLetter.get(stem[0]) ?? [];
      for (const other of near) {
        const like = likeness(stem, other);
        if (like) put(other, like);
      }
      for (const other of this.#frequency.keys()) {
        const cosine = nearness(stem, other);
        if (cosine >= 0.3) put(other, cosine * 0.65);
      }
    }
    found = [...best];
    this.#resolved.set(key, found);
    return found;
  }

  /** Scores a card by the words of a request: BM25 over its weighted fields. */
  relevanceOf(
    reading: Reading,
    card: ToolCard,
    isValue: (word: Word) => boolean,
  ): Relevance {
    const explained: Explained[] = [];
    const act = reading.act?.words ?? [];
    let score = 0;
    const seen = new Set<string>();
    for (const word of reading.content.slice(0, 200)) {
      if (act.includes(word) && !card.subject.has(word.stems[0])) continue;
      let by = 0;
      let gain = 0;
      let subject = false;
      for (const [stem, like] of this.#resolve(word)) {
        const weight = card.stems.get(stem);
        if (!weight) continue;
        const value =
          (this.rarity(stem) * weight * (K1 + 1) * like) / (weight + K1);
        gain = Math.max(gain, value);
        by = Math.max(by, like);
        if (card.subject.has(stem) && like >= 0.7) subject = true;
      }
      explained.push({ word, by, subject, gain });
      // a word that became a value speaks once, not twice
      if (!seen.has(word.stems[0])) score += isValue(word) ? gain * 0.3 : gain;
      seen.add(word.stems[0]);
    }
    const asked = Math.max(
      0,
      ...reading.asked.flatMap(fields =>
        fields.map(field => Math.min(1, (card.stems.get(field) ?? 0) / 2)),
      ),
    );
    return { score: score + asked * 0.5, explained, asked };
  }
}
