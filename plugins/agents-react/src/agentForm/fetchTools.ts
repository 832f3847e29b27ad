import {
  ToolsClient,
  type ToolSummary,
} from '@agentportal/plugin-tools-common';
import type { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';

const PAGE = 100;
const MOST_PAGES = 20;

/** A tool, as far as choosing needs it. */
export type ToolChoice = Pick<
  ToolSummary,
  | 'ref'
  | 'name'
  | 'title'
  | 'description'
  | 'serverRef'
  | 'ownerRef'
  | 'riskTier'
  | 'status'
>;

/** Every tool that the person may see. */
export async function fetchTools(apis: {
  discoveryApi: DiscoveryApi;
  fetchApi: FetchApi;
}): Promise<ToolChoice[]> {
  const client = new ToolsClient(apis);
  const tools: ToolChoice[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await client.listTools({ limit: PAGE, cursor });
    tools.push(...answer.items);
    cursor = answer.nextCursor;
    if (!cursor) {
      break;
    }
  }
  return tools;
}
