import type { SensitivePart } from './personalData';

/**
 * Which links may stand in an answer.
 *
 * @public
 */
export interface LinkRules {
  /** Whether the operator lists where an address leads. */
  isListed: (url: URL) => boolean;
  /** Whether an address was told to the model, so that it carries nothing new. */
  isTold: (url: string) => boolean;
}

/** A scheme may be left out in Markdown: the page's own is taken. */
const URL_IN_TEXT = /(?:https?:|(?<=\]\(<?))\/\/[^\s<>"'`)\]}]{3,20000}/gi;
const PICTURE_BEFORE = /!\[[^\]]{0,120}\]\(<?$/;
/** A query or a part of a path that is longer can carry words of the conversation. */
const MAX_QUERY = 7;
const MAX_SEGMENT = 40;

/**
 * Finds links that can carry what was said in a conversation to a host that the operator
 * does not list: a browser fetches a picture without anybody's doing, and people follow
 * links. Addresses that the model was told are only found as pictures with a query.
 *
 * @public
 */
export function findLinks(text: string, rules: LinkRules): SensitivePart[] {
  const parts: SensitivePart[] = [];
  for (const { 0: found, index } of text.matchAll(URL_IN_TEXT)) {
    const url = parse(found);
    if (url && rules.isListed(url)) continue;
    const isPicture = PICTURE_BEFORE.test(
      text.slice(Math.max(0, index - 130), index),
    );
    // What cannot be read here may be read by a browser.
    const carries = !url || carriesWords(url);
    if (carries && (isPicture || !rules.isTold(found))) {
      parts.push({
        kind: isPicture ? 'image' : 'link',
        start: index,
        end: index + found.length,
      });
    }
  }
  return parts;
}

/** What stands in the place of a link: nothing that can be followed or fetched. */
export const INERT_LINK = '#link-left-out';

function carriesWords(url: URL): boolean {
  return (
    url.search.length + url.hash.length > MAX_QUERY ||
    url.username !== '' ||
    url.hostname.split('.').some(label => label.length > MAX_SEGMENT) ||
    url.pathname.split('/').some(segment => segment.length > MAX_SEGMENT)
  );
}

function parse(found: string): URL | undefined {
  try {
    return new URL(found.startsWith('//') ? `https:${found}` : found);
  } catch {
    return undefined;
  }
}
