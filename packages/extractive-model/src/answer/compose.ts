import type { FinishedCall, Turn } from '../conversation/turns';
import { clausesOf } from '../conversation/clauses';
import { localName, type ToolCard } from '../tools/card';
import { readData } from './data';
import { focusOf } from './focus';
import { documentText, proseText } from './passages';
import { askedFields, recordText } from './record';
import { rowsText } from './rows';
import { splitIdentifier } from '../lexicon/words';

function leaves(value: unknown): string[] {
  if (value === null || value === undefined || typeof value === 'boolean')
    return [];
  if (typeof value === 'object') return Object.values(value).flatMap(leaves);
  return [String(value)];
}

function labelFor(call: FinishedCall, cards: ToolCard[]): string {
  return (
    cards.find(card => card.name === call.name)?.label ??
    splitIdentifier(localName(call.name)).join(' ').toLowerCase()
  );
}

/** Says what one call found, in the light of the question. */
function say(
  call: FinishedCall,
  question: string,
  cards: ToolCard[],
  isStep: boolean,
): string {
  const data = readData(call.result);
  const applied = leaves(
    Object.fromEntries(
      Object.entries(call.arguments).filter(
        ([key]) => !/^(?:limit|query|q|search|cursor)$/i.test(key),
      ),
    ),
  );
  const label = labelFor(call, cards);
  const focus = focusOf(question, applied);
  const subject = new Set(label.split(' '));
  const named = {
    ...focus,
    stems: focus.stems.filter(stem => !subject.has(stem)),
  };
  switch (data.kind) {
    case 'error':
      return `"${label}" did not work: ${data.message}`;
    case 'nothing':
      return `"${label}" gave back nothing.`;
    case 'prose':
      return proseText(data.text, question);
    case 'rows':
      return isStep ? '' : rowsText(data, question, focus, label, applied);
    default: {
      if (isStep)
        return recordText(data.row, named, {
          onlyAsked: true,
          subject: applied,
        });
      const card = cards.find(candidate => candidate.name === call.name);
      const text = documentText(data.row, question);
      if (text && !askedFields(data.row, named).some(item => item.score >= 1.9))
        return text;
      // after a change, people want to see what is so now, whole
      return recordText(
        data.row,
        card?.intent === 'write' ? { stems: [], kinds: [] } : named,
        { subject: applied },
      );
    }
  }
}

/** Composes the answer of a turn from the results of its calls, and names the tools that they came from. */
export function composeAnswer(
  turn: Turn,
  cards: ToolCard[],
  goals: string[],
): string {
  const clauses = clausesOf(turn.question);
  const done = new Set<string>();
  const parts: { name: string; text: string }[] = [];
  const last = turn.calls[turn.calls.length - 1];
  for (const call of turn.calls) {
    const isGoal =
      goals.includes(call.name) ||
      goals.length === 0 ||
      !turn.calls.some(other => goals.includes(other.name));
    const failed = readData(call.result).kind === 'error';
    const clause =
      clauses.length > 1
        ? clauses[goals.indexOf(call.name)] ?? turn.question
        : turn.question;
    const question =
      clauses.length > 1 && goals.filter(name => name === call.name).length > 1
        ? turn.question
        : clause;
    const text = say(
      call,
      question,
      cards,
      !isGoal && call !== last && !failed,
    );
    if (!text.trim() || done.has(text)) continue;
    done.add(text);
    parts.push({ name: call.name, text });
  }
  const sources = [
    ...new Set(turn.calls.map(call => call.name.replace('__', '.'))),
  ];
  const body = parts.map(part => part.text).join('\n\n');
  return `${body || 'The tools gave back nothing that answers this.'}\n\n${
    sources.length > 1 ? 'Sources' : 'Source'
  }: ${sources.join(', ')}`;
}
