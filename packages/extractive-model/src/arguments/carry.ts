import { leavesOf, readData } from '../answer/data';
import type { FinishedCall, Turn } from '../conversation/turns';
import { splitIdentifier, stemOf } from '../lexicon/words';
import { fillFromText, type FillContext } from './fill';
import type { Parameter } from './parameter';

const BARE_KEY = /^(?:id|number|code|key|ref|reference|no)$/;

function squeezed(name: string): string {
  return name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

/** How well the place of a value in a result fits the name of a parameter: 0 not at all, 1 by form, 2 by noun, 3 by name. */
function keyFit(
  path: string[],
  parameter: Parameter,
  callLabel: string,
): number {
  const last = path.at(-1) ?? '';
  const wanted = squeezed(parameter.name);
  if (squeezed(last) === wanted) return 3;
  const joined = squeezed(path.slice(-2).join(''));
  if (joined === wanted) return 3;
  const nouns = parameter.stems.filter(
    stem => !BARE_KEY.test(stem) && stem !== 'email' && stem !== 'name',
  );
  const place = [...path.flatMap(splitIdentifier)].map(stemOf);
  const attribute = parameter.stems.filter(
    stem => BARE_KEY.test(stem) || stem === 'email' || stem === 'name',
  );
  const sameAttribute = attribute.length
    ? attribute.some(stem => place.includes(stem))
    : true;
  if (
    nouns.length &&
    nouns.every(noun => place.includes(noun)) &&
    sameAttribute
  )
    return 2.5;
  const label = splitIdentifier(callLabel).map(stemOf);
  if (
    sameAttribute &&
    attribute.length &&
    path.length <= 2 &&
    nouns.every(noun => label.includes(noun))
  )
    return 2;
  return 0;
}

/** Values for a parameter in what a tool gave back, best first. */
export function valuesInResult(
  parameter: Parameter,
  call: FinishedCall,
): unknown[] {
  const data = readData(call.result);
  if (data.kind === 'error' || data.kind === 'nothing' || data.kind === 'prose')
    return [];
  const found: { value: unknown; fit: number }[] = [];
  for (const leaf of leavesOf(data.kind === 'rows' ? data.rows : data.row)) {
    if (typeof leaf.value === 'boolean') continue;
    const number = parameter.kind === 'number';
    if (number !== (typeof leaf.value === 'number')) continue;
    let value = leaf.value;
    let fit = keyFit(leaf.path, parameter, call.name);
    if (parameter.shape) {
      const accepted = parameter.shape.accept(String(value));
      if (!accepted) continue;
      value = accepted;
      fit = Math.max(fit, 1);
    } else if (parameter.kind === 'email') {
      if (!/@/.test(String(value))) continue;
      fit = Math.max(fit, 1);
    } else if (parameter.kind === 'choice') {
      if (!parameter.schema.enum?.includes(value)) continue;
    }
    if (fit > 0 && !found.some(other => other.value === value))
      found.push({ value, fit });
  }
  const best = Math.max(0, ...found.map(item => item.fit));
  return found.filter(item => item.fit === best).map(item => item.value);
}

/** Kinds that point at one thing, and so stay the subject of a conversation. */
export function pointsAtOneThing(parameter: Parameter): boolean {
  return ['identifier', 'email', 'phrase'].includes(parameter.kind);
}

/**
 * Looks for a parameter's value in what was said and found earlier in the conversation, newest first:
 * in the results of this turn, then in earlier questions, arguments and results.
 */
export function carriedValues(
  parameter: Parameter,
  turns: Turn[],
  context: FillContext,
  siblings: Parameter[] = [parameter],
): { values: unknown[]; fromThisTurn: boolean } {
  const [current, ...past] = [...turns].reverse();
  for (const call of [...(current?.calls ?? [])].reverse()) {
    const values = valuesInResult(parameter, call);
    if (values.length) return { values, fromThisTurn: true };
  }
  for (const call of current?.calls ?? []) {
    const same = call.arguments[parameter.name];
    if (same !== undefined && pointsAtOneThing(parameter))
      return { values: [same], fromThisTurn: true };
  }
  for (const turn of past) {
    const said = fillFromText(siblings, turn.question, context).values.get(
      parameter.name,
    );
    if (said && said.strength === 'certain')
      return { values: [said.value], fromThisTurn: false };
    for (const call of [...turn.calls].reverse()) {
      const same = call.arguments[parameter.name];
      if (same !== undefined && pointsAtOneThing(parameter))
        return { values: [same], fromThisTurn: false };
    }
    for (const call of [...turn.calls].reverse()) {
      const values = valuesInResult(parameter, call);
      if (values.length) return { values, fromThisTurn: false };
    }
    if (said && said.strength === 'likely' && parameter.kind !== 'note')
      return { values: [said.value], fromThisTurn: false };
  }
  return { values: [], fromThisTurn: false };
}
