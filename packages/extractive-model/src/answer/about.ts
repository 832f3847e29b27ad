import type { ToolCard } from '../cards/card';
import type { SmallTalk } from '../conversation/smallTalk';
import { labelOfSlot, type Slot } from '../slots/slot';
import { fromEnglish, type Language } from '../text/lexicon';

const WHAT_I_AM =
  'I am builtin/extractive, a small built-in model without a neural network. I pick a tool by the words of your request, fill in its arguments from what you wrote, and answer from what it gives back. I do not know anything beyond that.';

interface Phrases {
  decline: string;
  can: string;
  ask(what: string, missing: string, several: boolean): string;
}

const PHRASES: Record<Language, Phrases> = {
  en: {
    decline: 'I cannot help with that: none of my tools fits the request.',
    can: 'What I can do:',
    ask: (what, missing, several) =>
      `To ${what} I need ${
        several ? 'more' : 'one more thing'
      }: ${missing}. What should I use?`,
  },
  de: {
    decline:
      'Dabei kann ich nicht helfen: Keines meiner Werkzeuge passt zu der Anfrage.',
    can: 'Das kann ich:',
    ask: (what, missing) =>
      `Für „${what}“ fehlt mir noch: ${missing}. Was soll ich nehmen?`,
  },
  fr: {
    decline:
      'Je ne peux pas vous aider : aucun de mes outils ne correspond à la demande.',
    can: 'Voici ce que je peux faire :',
    ask: (what, missing) =>
      `Pour « ${what} », il me manque : ${missing}. Que dois-je prendre ?`,
  },
  es: {
    decline:
      'No puedo ayudar con eso: ninguna de mis herramientas sirve para la petición.',
    can: 'Lo que puedo hacer:',
    ask: (what, missing) =>
      `Para «${what}» me falta: ${missing}. ¿Qué debo usar?`,
  },
  zh: {
    decline: '这件事我无法帮忙：我的工具都不适用于这个请求。',
    can: '我可以做的是：',
    ask: (what, missing) =>
      `要执行“${what}”，我还需要：${missing}。请告诉我用什么？`,
  },
};

function firstSentence(text: string): string {
  return (
    /^[\s\S]{0,400}?[.!?:。](?=\s|$)/.exec(text.trim())?.[0] ?? text.trim()
  )
    .replace(/\s+/g, ' ')
    .replace(/[.:。]$/, '')
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
export function declineText(
  cards: ToolCard[],
  language: Language = 'en',
  named = true,
): string {
  const { decline, can } = PHRASES[language];
  if (!named) return decline;
  // names only: a description may sound as if something had been done
  const names = cards.slice(0, 12).map(card => card.label);
  return cards.length
    ? `${decline} ${can} ${names.join(', ')}.`
    : `${decline} ${WHAT_I_AM} No tools are given to me here.`;
}

/** What a kind of value is called, for names that no dictionary has. */
const KINDS: Record<Exclude<Language, 'en'>, Record<string, string>> = {
  de: { date: 'Datum', datetime: 'Datum und Uhrzeit', time: 'Uhrzeit' },
  fr: { date: 'date', datetime: 'date et heure', time: 'heure' },
  es: { date: 'fecha', datetime: 'fecha y hora', time: 'hora' },
  zh: {
    date: '日期',
    datetime: '日期和时间',
    time: '时间',
    identifier: '编号',
  },
};

/** The name of a slot, word by word in the language of the person. */
function labelIn(slot: Slot, language: Language): string {
  const own = labelOfSlot(slot);
  if (language === 'en') return own;
  const whole = fromEnglish(own, language);
  const words = own
    .split(' ')
    .map(
      word =>
        fromEnglish(word, language) ??
        fromEnglish(word.replace(/s$/, ''), language) ??
        word,
    )
    .join(' ');
  const kind = KINDS[language][slot.kind];
  return `${whole ?? words}${kind ? ` (${kind})` : ''}`;
}

function wanted(slot: Slot, language: Language): string {
  const label = labelIn(slot, language);
  const hints: string[] = [];
  if (slot.schema.enum)
    hints.push(slot.schema.enum.slice(0, 20).map(String).join(', '));
  else if (slot.description)
    hints.push(
      firstSentence(slot.description).replace(/^\p{Lu}(?=\p{Ll})/u, letter =>
        letter.toLowerCase(),
      ),
    );
  return hints.length ? `${label} (${hints.join('; ')})` : label;
}

/** Asks for exactly what is missing, in the person's language. */
export function askText(
  card: ToolCard,
  missing: Slot[],
  language: Language = 'en',
): string {
  return PHRASES[language].ask(
    card.label,
    missing.map(slot => wanted(slot, language)).join(', '),
    missing.length > 1,
  );
}
