import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import { z } from 'zod/v4';

const PAGE_SIZE = 100;
const TIMEOUT_MS = 30_000;
/** Far above any real portal; stops a source whose cursors go in circles. */
const MAX_PAGES = 1_000;

/** Reads a paged list of another plugin, in the name of this one. */
export async function readAllPages<T>(options: {
  pluginId: string;
  path: string;
  item: z.ZodType<T>;
  auth: AuthService;
  discovery: DiscoveryService;
}): Promise<T[]> {
  const { pluginId, path, item, auth, discovery } = options;
  const pageSchema = z.object({
    items: z.array(item),
    nextCursor: z.string().nullish(),
  });
  const baseUrl = await discovery.getBaseUrl(pluginId);
  const items: T[] = [];
  let cursor: string | undefined;

  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const url = new URL(`${baseUrl}${path}`);
    url.searchParams.set('limit', String(PAGE_SIZE));
    if (cursor) {
      url.searchParams.set('cursor', cursor);
    }
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: pluginId,
    });
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    const page = pageSchema.parse(await response.json());
    items.push(...page.items);
    if (!page.nextCursor) {
      return items;
    }
    cursor = page.nextCursor;
  }
  throw new Error(`${path} of ${pluginId} does not come to an end`);
}
