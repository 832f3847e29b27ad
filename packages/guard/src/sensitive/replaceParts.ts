import type { SensitivePart } from './personalData';

/**
 * A text with something else in the place of its parts.
 *
 * @param parts - in their order, none of which overlap
 * @public
 */
export function replaceParts<T extends SensitivePart>(
  text: string,
  parts: readonly T[],
  replace: (part: T, value: string) => string,
): string {
  let replaced = '';
  let at = 0;
  for (const part of parts) {
    const { end, start } = part;
    replaced += text.slice(at, start) + replace(part, text.slice(start, end));
    at = end;
  }
  return replaced + text.slice(at);
}
