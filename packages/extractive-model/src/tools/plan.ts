import type { Parameter } from '../arguments/parameter';
import { clausesOf, leansOnThePast } from '../conversation/clauses';
import type { FinishedCall, Turn } from '../conversation/turns';
import { readData } from '../answer/data';
import { intentOf } from '../lexicon/verbs';
import { bridgeTo, isDone, takerOfTheRest, withFoundOptions } from './bridges';
import type { ToolCard } from './card';
import { goalOf } from './goal';
import { contextFor, readinessOf } from './readiness';
import type { ToolIndex } from './relevance';

/** What to do next. */
export type Plan =
  | {
      kind: 'call';
      calls: { name: string; arguments: Record<string, unknown> }[];
    }
  | { kind: 'ask'; card: ToolCard; missing: Parameter[] }
  | { kind: 'answer'; goals: string[] }
  | { kind: 'decline' };

/** More calls than this in one turn are a loop, whatever the reason. */
const MOST_CALLS = 8;

function failed(call: FinishedCall): boolean {
  return readData(call.result).kind === 'error';
}

/** The next step towards one goal; nothing when it is reached, or cannot be. */
function stepTowards(
  card: ToolCard,
  clause: string,
  alone: boolean,
  turns: Turn[],
  index: ToolIndex,
  now: Date,
): Plan | undefined {
  const turn = turns[turns.length - 1];
  const context = contextFor(card, index, now);
  let ready = readinessOf(card, clause, turns, context);
  const called = turn.calls.some(call => call.name === card.name);
  const oneCall = (name: string, args: Record<string, unknown>): Plan => ({
    kind: 'call',
    calls: [{ name, arguments: args }],
  });
  if (ready.missing.length) {
    if (called) return undefined;
    const worthLooking =
      card.intent === 'read' ||
      ready.missing.some(parameter => parameter.kind === 'identifier');
    const bridge = worthLooking
      ? bridgeTo(ready.missing, card, clause, turns, index, now)
      : undefined;
    if (bridge) return oneCall(bridge.card.name, bridge.readiness.arguments);
    // what was found on the way may already be the answer
    if (turn.calls.length && intentOf(clause) === 'read') return undefined;
    return { kind: 'ask', card, missing: ready.missing };
  }
  if (!isDone(card.name, ready.arguments, turn.calls)) {
    const taker = takerOfTheRest(card, ready, clause, turns, index, now);
    if (taker) return oneCall(taker.card.name, taker.readiness.arguments);
    if (turn.calls.length)
      ready = withFoundOptions(card, ready, turns, context);
  }
  const calls = [ready.arguments, ...ready.siblings]
    .filter(args => !isDone(card.name, args, turn.calls))
    .map(args => ({ name: card.name, arguments: args }));
  // a tool that served the only request of a message is not called again with what it found itself
  if (!calls.length || (called && alone)) return undefined;
  return { kind: 'call', calls };
}

/** Decides the next step of the last turn. */
export function planNext(
  turns: Turn[],
  system: string,
  index: ToolIndex,
  now: Date,
): Plan {
  const turn = turns[turns.length - 1];
  if (!turn || !index.cards.length)
    return turn?.calls.length
      ? { kind: 'answer', goals: [] }
      : { kind: 'decline' };
  if (
    turn.calls.length >= MOST_CALLS ||
    (turn.calls.length && failed(turn.calls[turn.calls.length - 1]))
  ) {
    return { kind: 'answer', goals: turn.calls.map(call => call.name) };
  }
  const clauses = clausesOf(turn.question);
  if (!clauses.length) clauses.push(turn.question);
  const goals: string[] = [];
  let before = turns[turns.length - 2]?.question;
  for (const [position, clause] of clauses.entries()) {
    const goal = goalOf(clause, turns, index, now, {
      system,
      ...(before && (position > 0 || leansOnThePast(clause)) ? { before } : {}),
      whole: turn.question,
    });
    before = clause;
    if (!goal) continue;
    if (
      position > 0 &&
      goals.includes(goal.card.name) &&
      turn.calls.some(call => call.name === goal.card.name) &&
      goal.borrowed
    )
      continue;
    goals.push(goal.card.name);
    const step = stepTowards(
      goal.card,
      clause,
      clauses.length === 1,
      turns,
      index,
      now,
    );
    if (step) return step;
  }
  if (turn.calls.length) return { kind: 'answer', goals };
  return { kind: 'decline' };
}
