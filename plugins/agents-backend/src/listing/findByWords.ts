import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { CatalogPredicate } from './agentPredicate';
import { searchTextOf, wordsOf } from './words';

const TEXT_FIELDS = [
  'metadata.name',
  'metadata.title',
  'metadata.description',
  'metadata.tags',
];

/**
 * Finds the entities that hold all words of a text in their name, title,
 * description or tags. The catalog looks for the longest word, which is the
 * rarest more often than not; the others are looked for in what it finds.
 *
 * The catalog keeps no values longer than 200 characters for search, so a word
 * that occurs only in a longer description is not found.
 */
export async function findByWords(options: {
  catalog: CatalogService;
  credentials: BackstageCredentials;
  text: string;
  predicate: CatalogPredicate;
  /** What of each entity is needed, besides what is searched. */
  fields: string[];
}): Promise<Entity[]> {
  const [longest, ...others] = wordsOf(options.text).sort(
    (a, b) => b.length - a.length,
  );
  const pages = options.catalog.streamEntities(
    {
      query: options.predicate,
      fields: options.fields,
      fullTextFilter: { term: longest, fields: TEXT_FIELDS },
      totalItems: 'exclude',
    },
    { credentials: options.credentials },
  );
  const found: Entity[] = [];
  for await (const page of pages) {
    found.push(
      ...page.filter(entity => {
        const text = searchTextOf(entity);
        return others.every(word => text.includes(word));
      }),
    );
  }
  return found;
}
