import { asksAgent, localName, type ToolCard } from '../cards/card';
import { clausesOf } from '../conversation/clauses';
import type { FinishedCall, Turn } from '../conversation/turns';
import type { Reading } from '../text/reading';
import { humanise } from '../text/words';
import { readData, tablesWithin } from './data';
import { EVERYTHING, focusOf } from './focus';
import { looksLikePassages, proseText } from './passages';
import { askedFields, recordText } from './record';
import { tableText, wantsTable } from './table';

function leaves(value: unknown, depth = 0): string[] {
  if (
    value === null ||
    value === undefined ||
    typeof value === 'boolean' ||
    depth > 4
  )
    return [];
  if (typeof value === 'object')
    return Object.values(value).flatMap(item => leaves(item, depth + 1));
  return [String(value)];
}

/** Says what one call found or did, in the light of the question. */
function say(
  call: FinishedCall,
  reading: Reading,
  card: ToolCard | undefined,
  isStep: boolean,
): string {
  const data = readData(call.result);
  const label = card?.label ?? humanise(localName(call.name)).toLowerCase();
  const applied = leaves(
    Object.fromEntries(
      Object.entries(call.arguments).filter(
        ([key]) => !/^(?:limit|query|q|search|cursor)$/i.test(key),
      ),
    ),
  );
  const did = card?.changes && !asksAgent(call.name) ? `Done: ${label}.` : '';
  const focus = focusOf(reading, applied);
  const subject = new Set(label.split(' '));
  const named = {
    ...focus,
    stems: focus.stems.filter(stem => !subject.has(stem)),
  };
  switch (data.kind) {
    case 'error': {
      const ended = data.refused ? 'was refused' : 'did not work';
      return `${card?.changes ? 'Not done: ' : ''}"${label}" ${ended}: ${
        data.message
      }`;
    }
    case 'nothing':
      return did || `"${label}" gave back nothing.`;
    case 'prose':
      return [did, proseText(data.text, reading)].filter(Boolean).join(' ');
    case 'rows':
      if (isStep) return '';
      return [did, tableText(data, reading, focus, label, applied)]
        .filter(Boolean)
        .join('\n\n');
    default: {
      if (isStep)
        return recordText(data.row, named, {
          onlyAsked: true,
          subject: applied,
        });
      // after a change, people want to see what is so now, whole
      if (did)
        return `${did}\n\n${recordText(data.row, EVERYTHING, {
          subject: applied,
        })}`;
      const inner = tablesWithin(data.row).filter(
        table => !looksLikePassages(table.rows),
      );
      const told = askedFields(data.row, named)[0]?.score ?? 0;
      if (
        inner.length === 1 &&
        (told < 0.9 || /\b(?:or|oder|than|als)\b|还是/i.test(reading.text)) &&
        wantsTable(reading)
      )
        return tableText(inner[0], reading, focus, label, applied);
      return recordText(data.row, named, { subject: applied });
    }
  }
}

/** The tools of a turn that gave something, not those whose call failed or was refused. Agents name their own. */
export const sourcesOf = (turn: Turn): string[] => [
  ...new Set(
    turn.calls
      .filter(
        call =>
          !asksAgent(call.name) &&
          !/^(?:error|nothing)$/.test(readData(call.result).kind),
      )
      .map(call => call.name.replace('__', '.')),
  ),
];

/** Composes the answer of a turn from the results of its calls, and names the tools that they came from. */
export function composeAnswer(
  turn: Turn,
  cards: ToolCard[],
  goals: string[],
  read: (text: string) => Reading,
): string {
  const clauses = clausesOf(turn.question);
  const last = turn.calls[turn.calls.length - 1];
  const anyGoal = turn.calls.some(call => goals.includes(call.name));
  const parts: string[] = [];
  for (const call of turn.calls) {
    const isGoal = goals.includes(call.name) || !anyGoal;
    const failed = readData(call.result).kind === 'error';
    const own =
      goals.length > 1 && clauses.length === goals.length
        ? clauses[goals.indexOf(call.name)]
        : undefined;
    const card = cards.find(item => item.name === call.name);
    const text = say(
      call,
      read(own ?? turn.question),
      card,
      !isGoal && call !== last && !failed,
    );
    if (text.trim() && !parts.includes(text)) parts.push(text);
  }
  const text =
    parts.join('\n\n') || 'The tools gave back nothing that answers this.';
  const sources = sourcesOf(turn);
  return sources.length
    ? `${text}\n\n${sources.length > 1 ? 'Sources' : 'Source'}: ${sources.join(
        ', ',
      )}`
    : text;
}
