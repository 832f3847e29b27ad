import type { RuledTool } from '@agentportal/agent-rules';
import { ToolsClient, type Tool } from '@agentportal/plugin-tools-common';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ServiceUnavailableError } from '@backstage/errors';

/** Saving a text twice, or a sync of many, reads the tools once. */
const MAX_AGE_MS = 5_000;
const TIMEOUT_MS = 10_000;
const PAGE = 100;
/** More tools than any portal has; a list that never ends would. */
const MAX_PAGES = 500;

/** All tools with their schemas, as the tools plugin knows them. */
export class KnownTools {
  readonly #auth: AuthService;
  readonly #client: ToolsClient;
  #read?: { at: number; tools: Promise<RuledTool[]> };

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.#auth = options.auth;
    this.#client = new ToolsClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
  }

  /** @throws ServiceUnavailableError when the tools plugin does not answer */
  async all(): Promise<RuledTool[]> {
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

  /** For calls of the tools plugin by this one in its own name. */
  async by() {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'tools',
    });
    return { token, signal: AbortSignal.timeout(TIMEOUT_MS) };
  }

  get client(): ToolsClient {
    return this.#client;
  }

  async #readAll(): Promise<RuledTool[]> {
    try {
      const tools: RuledTool[] = [];
      let cursor: string | undefined;
      for (let i = 0; i < MAX_PAGES; i++) {
        const page = await this.#client.listTools(
          { limit: PAGE, schemas: true, ...(cursor && { cursor }) },
          await this.by(),
        );
        tools.push(...page.items.map(toRuledTool));
        cursor = page.nextCursor;
        if (!cursor) {
          break;
        }
      }
      return tools;
    } catch (error) {
      throw new ServiceUnavailableError(
        'The tools plugin does not answer, so rules cannot be held against the tools. Try again in a moment.',
        error,
      );
    }
  }
}

function toRuledTool(
  tool: Pick<Tool, 'ref' | 'riskTier' | 'ownerRef' | 'serverRef'> &
    Partial<Pick<Tool, 'inputSchema'>>,
): RuledTool {
  return {
    ref: tool.ref,
    riskTier: tool.riskTier,
    ownerRef: tool.ownerRef,
    serverRef: tool.serverRef,
    inputSchema: tool.inputSchema ?? {},
  };
}
