import type { CostDimension } from '@agentportal/plugin-models-common';
import type { EntityPresentationApi } from '@backstage/plugin-catalog-react';
import { DIMENSIONS, nameOfGroup } from './dimensions';

/** What groups are called in a chart: the titles that the catalog gives them, as in the table below it. */
export async function titlesOf(
  dimension: CostDimension,
  keys: string[],
  presentationApi: EntityPresentationApi | undefined,
): Promise<Map<string, string>> {
  const isEntity = DIMENSIONS.find(each => each.id === dimension)?.isEntity;
  const entries = [...new Set(keys)].map(async key => {
    const fallback = nameOfGroup(dimension, key);
    if (!key || !isEntity || !presentationApi) return [key, fallback] as const;
    try {
      const { primaryTitle } = await presentationApi.forEntity(key).promise;
      return [key, primaryTitle] as const;
    } catch {
      // A title is a courtesy; the chart does not wait for a catalog that fails.
      return [key, fallback] as const;
    }
  });
  return new Map(await Promise.all(entries));
}
