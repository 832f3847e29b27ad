import type { ModelsClient } from '@agentportal/plugin-models-common';

const AT_ONCE = 100;

/**
 * The titles of keys by their ids, as far as the caller may see them. It asks for
 * the first hundred only: further down the list an id will do.
 */
export async function keyTitles(
  keysApi: Pick<ModelsClient, 'listKeys'>,
  ids: string[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const asked = ids.filter(Boolean).slice(0, AT_ONCE);
  if (asked.length === 0) {
    return new Map();
  }
  try {
    const { items } = await keysApi.listKeys(
      { id: asked, limit: AT_ONCE },
      { signal },
    );
    return new Map(items.map(key => [key.id, key.title]));
  } catch {
    // A title is a courtesy; the id says which key it is.
    return new Map();
  }
}
