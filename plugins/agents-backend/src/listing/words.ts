import type { Entity } from '@backstage/catalog-model';

/** The words of a search, in lower case. */
export function wordsOf(text: string): string[] {
  return text
    .toLocaleLowerCase('en-US')
    .split(/\s+/)
    .filter(word => word);
}

/** All that words are looked for in, in lower case. */
export function searchTextOf({ metadata }: Entity): string {
  return [
    metadata.name,
    metadata.title,
    metadata.description,
    ...(metadata.tags ?? []),
  ]
    .join('\n')
    .toLocaleLowerCase('en-US');
}
