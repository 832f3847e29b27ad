import type {
  CostItem,
  CostQuery,
  CostsPage,
} from '@agentportal/plugin-models-common';
import type { ModelsApi } from '../api/modelsApiRef';

// A chart of a quarter by day and agent stays far below this; beyond it a chart says nothing anyway.
const MOST_PAGES = 40;

/** Every group of a cost query, page after page. */
export async function allCosts(
  api: Pick<ModelsApi, 'getCosts'>,
  query: Omit<CostQuery, 'limit' | 'cursor'>,
  signal: AbortSignal,
): Promise<CostsPage> {
  const items: CostItem[] = [];
  let cursor: string | undefined;
  for (let page = 0; ; page++) {
    const answer = await api.getCosts(
      { ...query, limit: 100, ...(cursor ? { cursor } : {}) },
      { signal },
    );
    items.push(...answer.items);
    cursor = answer.nextCursor;
    if (!cursor || page + 1 >= MOST_PAGES) {
      return { ...answer, items };
    }
  }
}
