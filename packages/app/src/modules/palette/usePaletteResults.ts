import { useLoad, useSettled } from '@agentportal/plugin-agents-react';
import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  catalogApiRef,
  useEntityRefLink,
} from '@backstage/plugin-catalog-react';
import { portalTranslationRef } from '../../translation';
import { best, findEntities, findRuns, GROUPS, type Result } from './results';

const MOST_RUNS = 50;

/** A page of the navigation. */
export interface Page {
  id: string;
  title: string;
  href: string;
}

/** What fits the words: pages and actions at once, the rest as soon as it is found. */
export function usePaletteResults(text: string, pages: readonly Page[]) {
  const { t } = useTranslationRef(portalTranslationRef);
  const catalog = useApi(catalogApiRef);
  const discoveryApi = useApi(coreApis.discovery);
  const fetchApi = useApi(coreApis.fetch);
  const hrefOf = useEntityRefLink();
  const words = text.trim();
  const asked = useSettled(words);
  const runsHref = pages.find(({ id }) => id === 'page:orchestration')?.href;
  const runs = useLoad(runsHref && 'palette runs', async signal => {
    const client = new OrchestrationClient({ discoveryApi, fetchApi });
    return (await client.listRuns({ limit: MOST_RUNS }, { signal })).items;
  });
  const found = useLoad(asked ? `palette ${asked}` : undefined, () =>
    findEntities({ catalog, words: asked, hrefOf }),
  );
  const create = pages.find(({ id }) => id === 'page:scaffolder')?.href;
  const entities = asked === words ? found.value ?? [] : [];
  const results: Result[] = [
    ...best(
      create
        ? [
            {
              key: 'create',
              group: 'actions',
              title: t('palette.create'),
              href: create,
            },
          ]
        : [],
      words,
    ),
    ...entities
      .filter(({ group }) => group === 'agents')
      .slice(0, 2)
      .map(
        ({ href, key, title }): Result => ({
          key: `chat ${key}`,
          group: 'actions',
          title: t('palette.chat', { title }),
          href: `${href}/chat`,
        }),
      ),
    ...best(
      pages.map(({ href, id, title }) => ({
        key: id,
        group: 'pages' as const,
        title,
        href,
      })),
      words,
    ),
    ...entities,
    ...(words && runsHref ? findRuns(runs.value ?? [], words, runsHref) : []),
  ];
  return {
    results: GROUPS.flatMap(group =>
      results.filter(result => result.group === group),
    ),
    isPending: asked !== words || found.isPending,
    error: found.error,
  };
}
