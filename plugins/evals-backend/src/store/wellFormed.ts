/** As databases take it: PostgreSQL knows neither U+0000 nor halves of characters. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '');
}
