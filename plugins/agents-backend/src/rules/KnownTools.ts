import type { RuledTool } from '@agentportal/agent-rules';
import type { DecidedTool } from '@agentportal/plugin-agents-common';
import {
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import { ToolsClient, type Tool } from '@agentportal/plugin-tools-common';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';

/** Saving a text twice, or a sync of many, reads the tools once. */
const MAX_AGE_MS = 5_000;
const TIMEOUT_MS = 10_000;
const PAGE = 100;
/** More tools than any portal has; a list that never ends would. */
const MAX_PAGES = 500;

/** A tool, as rules and decisions know it. */
export type KnownTool = RuledTool & DecidedTool;

/** All tools with their schemas, as the tools plugin knows them. */
export class KnownTools {
  /** Asks the tools plugin; a ServiceUnavailableError says that it does not answer. */
  readonly ask: PluginAsker;
  readonly client: ToolsClient;
  #read?: { at: number; tools: Promise<KnownTool[]> };

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'tools',
      timeoutMs: TIMEOUT_MS,
      away: 'The tools plugin does not answer, so rules cannot be held against tools and their calls. Try again in a moment.',
    });
    this.client = new ToolsClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
  }

  /** @throws ServiceUnavailableError when the tools plugin does not answer */
  async all(): Promise<KnownTool[]> {
    const now = performance.now();
    if (!this.#read || now - this.#read.at > MAX_AGE_MS) {
      const tools = this.#readAll();
      this.#read = { at: now, tools };
      tools.catch(() => {
        this.#read = undefined;
      });
    }
    return this.#read.tools;
  }

  async #readAll(): Promise<KnownTool[]> {
    const tools: KnownTool[] = [];
    let cursor: string | undefined;
    for (let i = 0; i < MAX_PAGES; i++) {
      const query = { limit: PAGE, schemas: true, ...(cursor && { cursor }) };
      const page = await this.ask(by => this.client.listTools(query, by));
      tools.push(...page.items.map(toKnownTool));
      cursor = page.nextCursor;
      if (!cursor) {
        break;
      }
    }
    return tools;
  }
}

function toKnownTool({ inputSchema = {}, ...tool }: KnownToolOf): KnownTool {
  const { ref, riskTier, ownerRef, serverRef, dataClassification } = tool;
  return {
    ref,
    riskTier,
    ownerRef,
    serverRef,
    inputSchema,
    ...(dataClassification && { dataClassification }),
  };
}

type KnownToolOf = Pick<
  Tool,
  'ref' | 'riskTier' | 'ownerRef' | 'serverRef' | 'dataClassification'
> &
  Partial<Pick<Tool, 'inputSchema'>>;
