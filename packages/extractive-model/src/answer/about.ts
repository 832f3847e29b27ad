import type { SmallTalk } from '../conversation/smallTalk';
import type { Parameter } from '../arguments/parameter';
import type { ToolCard } from '../tools/card';
import { humanise } from '../lexicon/words';

const WHAT_I_AM =
  'I am builtin/extractive, a small built-in model without a neural network. I pick a tool by the words of your request, fill in its arguments from what you wrote, and answer from what it gives back. I do not know anything beyond that.';

function firstSentence(text: string): string {
  return (/^.*?[.!?:](?=\s|$)/s.exec(text.trim())?.[0] ?? text.trim())
    .replace(/\s+/g, ' ')
    .replace(/[.:]$/, '')
    .slice(0, 160);
}

function abilities(cards: ToolCard[]): string {
  const lines = cards
    .slice(0, 10)
    .map(
      card =>
        `- **${card.label}**: ${firstSentence(card.description) || card.label}`,
    );
  if (cards.length > 10) lines.push(`- and ${cards.length - 10} more`);
  return lines.join('\n');
}

/** Answers small talk in few words. */
export function smallTalkText(kind: SmallTalk, cards: ToolCard[]): string {
  const can = cards.length
    ? `I can help with this:\n\n${abilities(cards)}`
    : 'I have no tools here, so there is little that I can do.';
  switch (kind) {
    case 'identity':
      return `${WHAT_I_AM}\n\n${can}`;
    case 'thanks':
      return 'You are welcome.';
    case 'greeting':
      return `Hello. ${can}`;
    default:
      return can;
  }
}

/** Says honestly that no tool fits, and what the tools can do. */
export function declineText(cards: ToolCard[]): string {
  if (!cards.length) {
    return `I cannot answer that. ${WHAT_I_AM} No tools are given to me here.`;
  }
  return `I cannot help with that: none of my tools fits the request. What I can do:\n\n${abilities(
    cards,
  )}`;
}

function wanted(parameter: Parameter): string {
  const label = humanise(parameter.name).replace(/\bid\b/g, 'ID');
  const hints: string[] = [];
  if (parameter.schema.enum)
    hints.push(`one of ${parameter.schema.enum.map(String).join(', ')}`);
  else if (parameter.description)
    hints.push(
      firstSentence(parameter.description).replace(
        /^\p{Lu}(?=\p{Ll})/u,
        letter => letter.toLowerCase(),
      ),
    );
  if (parameter.kind === 'date' && !/yyyy|date|day/i.test(hints.join()))
    hints.push('a date');
  return hints.length ? `${label} (${hints.join('; ')})` : label;
}

/** Asks for exactly what is missing. */
export function askText(card: ToolCard, missing: Parameter[]): string {
  const list = missing.map(wanted);
  const joined =
    list.length > 1
      ? `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`
      : list[0];
  return `To ${card.label} I need one more thing: ${joined}. What should I use?`.replace(
    'one more thing',
    list.length > 1 ? `${list.length} more things` : 'one more thing',
  );
}
