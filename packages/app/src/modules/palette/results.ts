import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { CatalogApi } from '@backstage/plugin-catalog-react';

/** Where results stand, in this order. */
export const GROUPS = [
  'actions',
  'pages',
  'agents',
  'people',
  'tools',
  'models',
  'runs',
] as const;
export type Group = (typeof GROUPS)[number];

/** One thing that the palette leads to. */
export interface Result {
  key: string;
  group: Group;
  title: string;
  /** What it is for, or whose it is. */
  hint?: string;
  href: string;
}

const KINDS: Partial<Record<Group, string[]>> = {
  agents: ['Agent'],
  people: ['User', 'Group'],
  tools: ['Tool'],
  models: ['Model'],
};
const FIELDS = [
  'metadata.name',
  'metadata.title',
  'metadata.description',
  'spec.profile.displayName',
];
/** Of a group; more than that is for the page of search. */
const MOST = 5;
/** Looked through for the best of a group. */
const LOOKED_AT = 25;

/** Things of the catalog that hold the words, the best of each kind; each once. */
export async function findEntities(options: {
  catalog: CatalogApi;
  words: string;
  hrefOf(ref: string): string;
}): Promise<Result[]> {
  const groups = await Promise.all(
    Object.entries(KINDS).map(async ([group, kind]) => {
      const { items } = await options.catalog.queryEntities({
        filter: { kind },
        fullTextFilter: { term: options.words, fields: FIELDS },
        fields: [
          'kind',
          'metadata.name',
          'metadata.namespace',
          'metadata.title',
          'metadata.description',
          'spec.profile',
        ],
        limit: LOOKED_AT,
      });
      return best(
        items.map(entity => toResult(entity, group as Group, options.hrefOf)),
        options.words,
      );
    }),
  );
  return groups.flat();
}

/** Runs whose question holds the words. */
export function findRuns(
  runs: readonly RunSummary[],
  words: string,
  href: string,
): Result[] {
  return best(
    runs.map(({ agentTitle, id, input }) => ({
      key: `run ${id}`,
      group: 'runs',
      title: input.message.slice(0, 200),
      hint: agentTitle,
      href: `${href}/${encodeURIComponent(id)}`,
    })),
    words,
  );
}

/** Those whose title or hint holds the words, beginning with those whose title begins with them. */
export function best(results: Result[], words: string): Result[] {
  const wanted = words.trim().toLocaleLowerCase();
  const rank = ({ hint = '', title }: Result) => {
    const text = title.toLocaleLowerCase();
    if (text.startsWith(wanted)) return 0;
    if (text.includes(` ${wanted}`)) return 1;
    if (text.includes(wanted)) return 2;
    return hint.toLocaleLowerCase().includes(wanted) ? 3 : 4;
  };
  return results
    .map(result => ({ result, at: rank(result) }))
    .filter(({ at }) => at < 4)
    .sort((a, b) => a.at - b.at || a.result.title.localeCompare(b.result.title))
    .slice(0, MOST)
    .map(({ result }) => result);
}

function toResult(
  entity: Entity,
  group: Group,
  hrefOf: (ref: string) => string,
): Result {
  const { description, name, title } = entity.metadata;
  const profile = entity.spec?.profile as { displayName?: string } | undefined;
  const ref = stringifyEntityRef(entity);
  return {
    key: ref,
    group,
    title: profile?.displayName ?? title ?? name,
    hint: description ?? name,
    href: hrefOf(ref),
  };
}
