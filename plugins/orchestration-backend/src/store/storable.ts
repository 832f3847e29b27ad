/**
 * Text as every database takes it: PostgreSQL refuses the character NUL, which
 * people do not type and programs do send.
 */
export function storable(text: string): string {
  return text.replaceAll('\0', '');
}
