import { fieldsOf, isRow, leavesOf, readData, type Row } from '../answer/data';
import type { FinishedCall, Turn } from '../conversation/turns';
import { NOTHING_KNOWN, fillSlots } from '../slots/fill';
import { nameLikeness } from '../slots/choices';
import type { Slot } from '../slots/slot';
import { typeOf } from '../slots/slot';
import type { Reading } from '../text/reading';
import { splitIdentifier, stemOf } from '../text/words';

const BARE = /^(?:id|number|no|code|key|ref|uuid|email|name)$/;

const squeezed = (name: string) =>
  name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
const stemmed = (name: string) =>
  splitIdentifier(name).map(word => stemOf(word.toLowerCase()));

/** How well the place of a value in a result fits a slot: 0 not at all, 1 by form, 2 by noun, 3 by name. */
function keyFit(path: string[], slot: Slot, callLabel: string): number {
  const wanted = squeezed(slot.name);
  if (
    squeezed(path.at(-1) ?? '') === wanted ||
    squeezed(path.slice(-2).join('')) === wanted
  )
    return 3;
  const place = path.flatMap(stemmed);
  const attributes = stemmed(slot.name).filter(stem => BARE.test(stem));
  const sameAttribute =
    attributes.length === 0 || attributes.some(stem => place.includes(stem));
  if (!sameAttribute) return 0;
  const nouns = slot.nouns.filter(stem => !BARE.test(stem));
  if (nouns.length && nouns.every(noun => place.includes(noun))) return 2.5;
  const label = stemmed(callLabel);
  const about = nouns.every(
    noun => label.some(stem => stem === noun) || place.includes(noun),
  );
  return attributes.length && path.length <= 2 && about ? 2 : 0;
}

/** Values for a slot in what a tool gave back, those that fit best. */
export function valuesInResult(slot: Slot, call: FinishedCall): unknown[] {
  const data = readData(call.result);
  if (data.kind !== 'rows' && data.kind !== 'record') return [];
  const numeric = /^(?:number|integer)$/.test(typeOf(slot.schema) ?? '');
  const found: { value: unknown; fit: number }[] = [];
  for (const leaf of leavesOf(data.kind === 'rows' ? data.rows : data.row)) {
    if (
      typeof leaf.value === 'boolean' ||
      numeric !== (typeof leaf.value === 'number')
    )
      continue;
    let { value } = leaf;
    let fit = keyFit(leaf.path, slot, call.name);
    if (slot.shape) {
      const accepted = slot.shape.accept(String(value), fit > 1);
      if (!accepted) continue;
      value = accepted;
      fit = Math.max(fit, 1);
    } else if (slot.kind === 'email') {
      if (!/@/.test(String(value))) continue;
      fit = Math.max(fit, 1);
    } else if (slot.kind === 'choice' && !slot.schema.enum?.includes(value))
      continue;
    if (fit > 0 && !found.some(other => other.value === value))
      found.push({ value, fit });
    if (found.length > 200) break;
  }
  const best = Math.max(0, ...found.map(item => item.fit));
  return found.filter(item => item.fit === best).map(item => item.value);
}

/** True for slots that point at one thing, and so stay the subject of a conversation. */
export const pointsAtOneThing = (slot: Slot) =>
  ['identifier', 'email', 'phrase'].includes(slot.kind);

/** Chooses among several values of a result by the words of the request that stand beside them. */
export function chooseValues(
  values: unknown[],
  reading: Reading,
  turn: Turn,
): unknown[] {
  if (values.length < 2) return values;
  const scored = values.map(value => {
    let score = 0;
    for (const call of turn.calls) {
      const data = readData(call.result);
      let sets: Row[] = [];
      if (data.kind === 'rows') sets = data.rows;
      if (data.kind === 'record')
        sets = Object.values(data.row).flatMap(item =>
          Array.isArray(item) ? item.filter(isRow) : [],
        );
      for (const row of sets.slice(0, 200)) {
        const fields = fieldsOf(row);
        if (!fields.some(field => field.value === value)) continue;
        for (const field of fields) {
          if (typeof field.value !== 'string' || field.value.length > 120)
            continue;
          const literal = reading.literal(field.value.toLowerCase());
          if (literal) score += 3;
          else if (field.value !== value)
            score +=
              reading.content.filter(
                word =>
                  nameLikeness(word.stems, stemmed(field.value as string)) >=
                  0.75,
              ).length * 0.5;
        }
      }
    }
    return { value, score };
  });
  const best = Math.max(...scored.map(item => item.score));
  return best > 0
    ? scored.filter(item => item.score === best).map(item => item.value)
    : values;
}

/**
 * Looks for a slot's value in what was said and found earlier in the conversation, newest first: in the results of
 * this turn, then in earlier questions, arguments and results.
 */
export function carriedValues(
  slot: Slot,
  turns: Turn[],
  read: (text: string) => Reading,
  siblings: Slot[],
): { values: unknown[]; fromThisTurn: boolean } {
  const [current, ...past] = [...turns].reverse();
  for (const call of [...(current?.calls ?? [])].reverse()) {
    const values = valuesInResult(slot, call);
    if (values.length) return { values, fromThisTurn: true };
  }
  for (const call of current?.calls ?? []) {
    const same = call.arguments[slot.name];
    if (same !== undefined && pointsAtOneThing(slot))
      return { values: [same], fromThisTurn: true };
  }
  for (const turn of past.slice(0, 8)) {
    const said = fillSlots(
      siblings,
      read(turn.question),
      NOTHING_KNOWN,
    ).values.get(slot.name);
    if (said?.sure === 'certain')
      return { values: [said.value], fromThisTurn: false };
    for (const call of [...turn.calls].reverse()) {
      const same = call.arguments[slot.name];
      if (same !== undefined && pointsAtOneThing(slot))
        return { values: [same], fromThisTurn: false };
    }
    for (const call of [...turn.calls].reverse()) {
      const values = valuesInResult(slot, call);
      if (values.length) return { values, fromThisTurn: false };
    }
    if (said?.sure === 'likely' && slot.kind !== 'note')
      return { values: [said.value], fromThisTurn: false };
  }
  return { values: [], fromThisTurn: false };
}
