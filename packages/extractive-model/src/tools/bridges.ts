import { carriedValues } from '../arguments/carry';
import { fillFromText, type FillContext } from '../arguments/fill';
import type { Parameter } from '../arguments/parameter';
import type { FinishedCall, Turn } from '../conversation/turns';
import { likeness } from '../lexicon/synonyms';
import { contentWords } from '../lexicon/words';
import type { ToolCard } from './card';
import { contextFor, readinessOf, type Readiness } from './readiness';
import { relevanceOf, type ToolIndex } from './relevance';

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value && typeof value === 'object') {
    return `{${Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, item]) => `${key}:${canonical(item)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** True when this very call was made already in this turn. */
export function isDone(
  name: string,
  args: Record<string, unknown>,
  calls: FinishedCall[],
): boolean {
  const wanted = canonical(args);
  return calls.some(
    call => call.name === name && canonical(call.arguments) === wanted,
  );
}

/** A tool whose result may hold what another tool needs. */
export function bridgeTo(
  missing: Parameter[],
  goal: ToolCard,
  clause: string,
  turns: Turn[],
  index: ToolIndex,
  now: Date,
): { card: ToolCard; readiness: Readiness } | undefined {
  const turn = turns[turns.length - 1];
  const nouns = missing.flatMap(parameter =>
    parameter.stems.filter(
      stem => !/^(?:id|number|code|key|ref|no)$/.test(stem),
    ),
  );
  const described = missing
    .filter(parameter => parameter.kind === 'identifier')
    .flatMap(parameter =>
      contentWords(parameter.description).map(word => word.stem),
    );
  let best: { card: ToolCard; readiness: Readiness } | undefined;
  let bestScore = 0.8;
  for (const card of index.cards) {
    if (card === goal || card.intent === 'write') continue;
    const readiness = readinessOf(
      card,
      clause,
      turns,
      contextFor(card, index, now),
    );
    if (
      readiness.missing.length ||
      !readiness.grounded ||
      isDone(card.name, readiness.arguments, turn.calls)
    )
      continue;
    const certain = [...readiness.filling.values.values()].some(
      finding => finding.strength !== 'guess',
    );
    const yields = Math.max(
      0,
      ...nouns.map(noun => card.stems.get(noun) ?? 0),
      ...described.map(
        stem =>
          Math.max(
            0,
            ...[...card.stems].map(
              ([own, weight]) => likeness(own, stem) * weight,
            ),
          ) * 0.5,
      ),
    );
    const score =
      yields +
      (certain ? 1 : 0) +
      relevanceOf(clause, card, readiness.filling, index).score * 0.3;
    if (yields > 0 && score > bestScore) {
      best = { card, readiness };
      bestScore = score;
    }
  }
  return best;
}

/** Another tool that takes an identifier or address which the goal has no place for. */
export function takerOfTheRest(
  goal: ToolCard,
  readiness: Readiness,
  clause: string,
  turns: Turn[],
  index: ToolIndex,
  now: Date,
) {
  const own = [...readiness.filling.values.values()].map(finding =>
    String(finding.value).toLowerCase(),
  );
  if (own.some(value => /\d/.test(value) && /[a-z]/.test(value)))
    return undefined;
  const turn = turns[turns.length - 1];
  for (const card of index.cards) {
    if (card === goal || card.intent === 'write') continue;
    const filling = fillFromText(
      card.parameters,
      clause,
      contextFor(card, index, now),
    );
    const taken = card.parameters.find(
      parameter =>
        ['identifier', 'email'].includes(parameter.kind) &&
        filling.values.get(parameter.name)?.strength === 'certain',
    );
    if (!taken) continue;
    const other = readinessOf(
      card,
      clause,
      turns,
      contextFor(card, index, now),
    );
    if (
      !other.missing.length &&
      !isDone(card.name, other.arguments, turn.calls)
    )
      return { card, readiness: other };
  }
  return undefined;
}

/** Fills what a tool may take, though it need not, from what this turn has found. */
export function withFoundOptions(
  goal: ToolCard,
  readiness: Readiness,
  turns: Turn[],
  context: FillContext,
): Readiness {
  const turn = turns[turns.length - 1];
  const args = { ...readiness.arguments };
  for (const parameter of goal.parameters) {
    if (
      args[parameter.name] !== undefined ||
      !['identifier', 'email', 'phrase'].includes(parameter.kind)
    )
      continue;
    const found = carriedValues(parameter, [turn], context);
    if (found.fromThisTurn && found.values.length === 1)
      args[parameter.name] = found.values[0];
  }
  return { ...readiness, arguments: args };
}
