import type { TextSlot } from '../TextSlot';
import { hasFence } from './fences';

/** Shorter paragraphs may be said twice on purpose. */
const MIN_CHARS = 80;

const SAID = '[as said above]';

/** Leaves out paragraphs of system texts that stand above word for word. */
export function dropRepeatedParagraphs(slots: TextSlot[]): void {
  const said = new Set<string>();
  for (const slot of slots) {
    // Of a text with code it is not certain what a paragraph is.
    if (slot.kind !== 'system' || hasFence(slot.text)) {
      continue;
    }
    const paragraphs = slot.text.split('\n\n');
    const rest = paragraphs.filter(paragraph => {
      if (paragraph.length < MIN_CHARS || !said.has(paragraph)) {
        said.add(paragraph);
        return true;
      }
      return false;
    });
    if (rest.length < paragraphs.length) {
      // Providers refuse texts without a word.
      slot.text = rest.join('\n\n').trim() === '' ? SAID : rest.join('\n\n');
    }
  }
}
