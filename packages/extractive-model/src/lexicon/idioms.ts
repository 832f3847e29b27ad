/** Turns of phrase whose words say little one by one, and the plain word for each. */
const IDIOMS: [RegExp, string][] = [
  [/\bpast (?:the |its |their )?due(?: date)?\b/gi, 'overdue'],
  [/\b(?:on (?:the|its|their) way|under ?way)\b/gi, 'in transit'],
  [/\b(?:running|runs?|ran) (?:out|low|short)\b/gi, 'low'],
  [/\bwork(?:ing|s)? from home\b/gi, 'work remote home'],
  [/\bwfh\b/gi, 'work remote home'],
  [/\b(?:days?|time) off\b/gi, 'leave days'],
  [/\bpick(?:ed|ing|s)? up\b/gi, 'pickup'],
  [/\b(?:sent|send|sending) back\b/gi, 'return'],
  [/\b(?:pay|paid|give|gave|given|gone) (?:me |us |them )?back\b/gi, 'refund'],
  [/\bgot rid of\b/gi, 'delete'],
  [/\bcall(?:ed|ing)? off\b/gi, 'cancel'],
  [/\bput off\b/gi, 'reschedule'],
  [/\blook(?:ed|ing)? up\b/gi, 'find'],
];

/** Adds the plain words to a text, after it, so that places in the text stay where they are. */
export function withPlainWords(text: string): string {
  const plain = IDIOMS.filter(([pattern]) => {
    pattern.lastIndex = 0;
    return pattern.test(text);
  }).map(([, word]) => word);
  return plain.length ? `${text} (${plain.join(', ')})` : text;
}
