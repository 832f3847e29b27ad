import { leavesOf, readData } from '../answer/data';
import type { FinishedCall, Turn } from '../conversation/turns';
import { NOTHING_KNOWN, fillSlots } from '../slots/fill';
import type { Slot } from '../slots/slot';
import { typeOf } from '../slots/slot';
import type { Reading } from '../text/reading';

const squeezed = (name: string) =>
  name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
/** True when the place of a value in a result is named as a slot is: by its key, or with the key around it. */
function isNamedAs(path: string[], slot: Slot): boolean {
  const wanted = squeezed(slot.name);
  return [path.at(-1) ?? '', path.slice(-2).join('')].some(
    name => squeezed(name) === wanted,
  );
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
    let fit = isNamedAs(leaf.path, slot) ? 2 : 0;
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
