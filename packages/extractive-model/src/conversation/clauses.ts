import { contentWords } from '../lexicon/words';

const STARTS_A_NEW_REQUEST =
  /^(?:(?:also|then|please)\s+)*(?:what|what's|whats|when|where|who|who's|whose|which|why|how|is|are|was|were|do|does|did|has|have|can|could|would|tell|show|list|find|get|give|check|create|open|cancel|update|change|send|book|approve|add|remove|set|make|let me know|the\b|its\b|their\b|his\b|her\b|any\b)/i;

/**
 * Splits a message into the requests it makes: "where is it, and who packed it?" are two.
 * A part that could not stand alone stays with the one before it.
 */
export function clausesOf(text: string): string[] {
  const sentences = text
    .split(/(?<=[?!])\s+|(?<=\p{L}{3,}\.)\s+(?=\p{Lu})|\n+/u)
    .map(part => part.trim())
    .filter(Boolean);
  const clauses: string[] = [];
  for (const sentence of sentences) {
    const parts = sentence.split(
      /,?\s+(?:and then|and also|and|then|plus|as well as)\s+/i,
    );
    let current = parts[0];
    for (const part of parts.slice(1)) {
      if (STARTS_A_NEW_REQUEST.test(part) && contentWords(part).length) {
        clauses.push(current);
        current = part;
      } else {
        current = `${current} and ${part}`;
      }
    }
    clauses.push(current);
  }
  return clauses.filter(clause => contentWords(clause).length > 0);
}

/** True when the text leans on what was said before: "and its address?", "what about the other one?". */
export function leansOnThePast(text: string): boolean {
  const trimmed = text.trim();
  return (
    /^(?:and|also|what about|how about|same|or|but|then|ok(?:ay)? and|yes|no)\b/i.test(
      trimmed,
    ) ||
    /\b(?:it|its|it's|that|this|those|these|them|they|their|he|she|his|him|her|the same|there|one)\b/i.test(
      trimmed,
    ) ||
    contentWords(trimmed).length <= 2
  );
}
