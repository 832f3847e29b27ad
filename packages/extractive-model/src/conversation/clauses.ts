import { wordsOf } from '../text/words';

const MOST_CLAUSES = 6;
const NEW_REQUEST =
  /^(?:(?:also|then|please|could you|can you)\s+)*(?:what|what's|when|where|who|who's|whose|which|why|how|is|are|was|were|do|does|did|has|have|can|could|tell|show|list|find|get|give|check|let me know|its\b|their\b|his\b|her\b|was|wer|wann|wo|wie|welche\p{L}*|zeig\p{L}*)\b/iu;
const JOINTS =
  /(,?\s+(?:and then|and also|and|then|plus|as well as|und dann|und|et|y)\s+|[，,]\s*(?=然后|并且|同时|再))/iu;

const content = (text: string) => wordsOf(text).some(word => !word.plain);

/**
 * Splits a message into the requests it makes: "where is it, and who packed it?" are two. A part that could not
 * stand alone stays with the one before it; beyond six the rest is one.
 */
export function clausesOf(text: string): string[] {
  const sentences = text
    .split(/(?<=[?!？！。])\s*|(?<=[\p{L}\p{N}]{3,}\.)\s+(?=\p{Lu})|\n+/u)
    .map(part => part.trim())
    .filter(Boolean);
  const clauses: string[] = [];
  for (const sentence of sentences) {
    const quoted = /["“„«「]/.test(sentence);
    const parts = quoted ? [sentence] : sentence.split(JOINTS);
    let [current] = parts;
    for (let at = 2; at < parts.length; at += 2) {
      const part = parts[at];
      if (NEW_REQUEST.test(part) && content(part)) {
        clauses.push(current);
        current = part;
      } else current += parts[at - 1] + part;
    }
    clauses.push(current);
  }
  const told = clauses.filter(content);
  return told.length <= MOST_CLAUSES
    ? told
    : [
        ...told.slice(0, MOST_CLAUSES - 1),
        told.slice(MOST_CLAUSES - 1).join(' '),
      ];
}

/** True when the text leans on what was said before: "and its address?", "what about the other one?". */
export function leansOnThePast(text: string): boolean {
  const trimmed = text.trim();
  return (
    /^(?:and|also|what about|how about|same|or|but|then|ok(?:ay)?|yes|no|hm+|great|thanks|und|auch|et|y|那|还有|那么)(?![\p{L}])/iu.test(
      trimmed,
    ) ||
    /\b(?:it|its|it's|that|this|those|these|them|they|their|he|she|his|him|her|the same|there|one|es|ihn|sie|ihm|ihr|sein\p{L}*|das|le|la|lui|lo)\b|它|他|她|这个|那个/iu.test(
      trimmed,
    ) ||
    wordsOf(trimmed).filter(word => !word.plain).length <= 2
  );
}
