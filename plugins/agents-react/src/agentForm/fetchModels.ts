import {
  ModelsClient,
  type ModelSummary,
} from '@agentportal/plugin-models-common';
import type { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';

const PAGE = 100;
const MOST_PAGES = 10;

/** The models that an agent can think with: routes first, then by title. */
export async function fetchModels(apis: {
  discoveryApi: DiscoveryApi;
  fetchApi: FetchApi;
}): Promise<ModelSummary[]> {
  const client = new ModelsClient(apis);
  const models: ModelSummary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.listModels({ limit: PAGE, cursor });
    models.push(...answer.items);
    cursor = answer.nextCursor;
    if (!cursor) {
      break;
    }
  }
  return models
    .filter(model => model.type === 'chat' || model.type === 'route')
    .sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title));
}

function rank(model: ModelSummary): number {
  return model.type === 'route' ? 0 : 1;
}
