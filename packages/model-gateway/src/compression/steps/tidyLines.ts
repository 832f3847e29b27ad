import { hasFence, isFence } from './fences';

/**
 * Takes spaces from the ends of lines, and all but one of several blank lines.
 * What stands in fenced code stays as it is.
 */
export function tidyLines(text: string): string {
  if (!text.includes('\n\n\n') && !/[ \t](?:\n|$)/.test(text)) {
    return text;
  }
  const fenced = hasFence(text);
  const out: string[] = [];
  let inCode = false;
  let blank = false;
  for (const line of text.split('\n')) {
    if (fenced && isFence(line)) {
      inCode = !inCode;
    }
    if (inCode) {
      out.push(line);
      blank = false;
      continue;
    }
    const tidy = line.trimEnd();
    if (tidy !== '' || !blank) {
      out.push(tidy);
    }
    blank = tidy === '';
  }
  return out.join('\n');
}
