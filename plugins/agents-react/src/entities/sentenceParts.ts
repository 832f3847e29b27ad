const REF =
  /\b(?:agent|tool|model|user|group|api|system|domain):[a-z0-9_.-]+\/[\w.-]*\w/gi;

/** A piece of a sentence: words, or the ref of something that has a page. */
export interface SentencePart {
  text: string;
  isRef: boolean;
}

/** A time as machines write it. */
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g;

/** Words with the times in them as people write them. */
function withTimes(text: string): string {
  return text.replace(TIME, time =>
    new Date(time).toLocaleString('en-GB', {
      day: 'numeric',
      month: 'long',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
    }),
  );
}

/** Takes a sentence apart at the entity refs in it. */
export function partsOf(sentence: string): SentencePart[] {
  const parts: SentencePart[] = [];
  let end = 0;
  for (const match of sentence.matchAll(REF)) {
    if (match.index > end) {
      parts.push({
        text: withTimes(sentence.slice(end, match.index)),
        isRef: false,
      });
    }
    parts.push({ text: match[0], isRef: true });
    end = match.index + match[0].length;
  }
  if (end < sentence.length) {
    parts.push({ text: withTimes(sentence.slice(end)), isRef: false });
  }
  return parts;
}

/** Every entity that texts name. */
export function refsIn(texts: readonly (string | undefined)[]): string[] {
  return [
    ...new Set(
      texts.flatMap(text =>
        partsOf(text ?? '')
          .filter(part => part.isRef)
          .map(part => part.text),
      ),
    ),
  ];
}
