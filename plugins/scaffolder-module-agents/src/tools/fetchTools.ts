import type { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';
import { z } from 'zod/v4';

const PAGE = 100;
const MOST_PAGES = 20;

const toolSchema = z.object({
  ref: z.string(),
  name: z.string(),
  title: z.string(),
  description: z.string().default(''),
  serverRef: z.string(),
  ownerRef: z.string(),
  riskTier: z.enum(['read', 'write', 'external', 'critical', 'forbidden']),
  status: z.enum(['available', 'stale']),
});

const pageSchema = z.object({
  items: z.array(toolSchema),
  nextCursor: z.string().optional(),
});

/** A tool, as far as choosing needs it. */
export type ToolChoice = z.infer<typeof toolSchema>;

/** Every tool that the person may see. */
export async function fetchTools(apis: {
  discoveryApi: DiscoveryApi;
  fetchApi: FetchApi;
}): Promise<ToolChoice[]> {
  const base = await apis.discoveryApi.getBaseUrl('tools');
  const tools: ToolChoice[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({
      limit: String(PAGE),
      ...(cursor && { cursor }),
    });
    const response = await apis.fetchApi.fetch(`${base}/tools?${query}`);
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    const answer = pageSchema.parse(await response.json());
    tools.push(...answer.items);
    cursor = answer.nextCursor;
    if (!cursor) {
      break;
    }
  }
  return tools;
}
