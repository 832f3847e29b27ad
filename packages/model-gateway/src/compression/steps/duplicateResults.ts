import type { TextSlot } from '../TextSlot';
import { isShortened } from './shortenStale';

const SAME = '[same result as below]';

/**
 * Of results that a tool gave for the same arguments word for word, the last
 * stays, because it is the one that the model looks at.
 */
export function dropDuplicateResults(slots: TextSlot[]): void {
  const seen = new Set<string>();
  for (const slot of slots.toReversed()) {
    const { result, text } = slot;
    if (
      !result?.call ||
      !result.whole ||
      text.length <= SAME.length ||
      isShortened(text)
    ) {
      continue;
    }
    const key = `${result.call}\n${text}`;
    if (seen.has(key)) {
      slot.text = SAME;
    }
    seen.add(key);
  }
}
