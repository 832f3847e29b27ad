import type { RuledTool } from '@agentportal/agent-rules';
import type { DecidedTool } from '@agentportal/plugin-agents-common';
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

/** A tool, as rules and decisions know it. */
export type KnownTool = RuledTool & DecidedTool;

/** All tools with their schemas, as the tools plugin knows them. */
export class KnownTools {
  readonly #auth: AuthService;
  readonly #client: ToolsClient;
  #read?: { at: number; tools: Promise<KnownTool[]> };

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.#auth = options.auth;
    this.#client = new ToolsClient({
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

  async #readAll(): Promise<KnownTool[]> {
    try {
      const tools: KnownTool[] = [];
      let cursor: string | undefined;
      for (let i = 0; i < MAX_PAGES; i++) {
        const page = await this.#client.listTools(
          { limit: PAGE, schemas: true, ...(cursor && { cursor }) },
          await this.by(),
        );
        tools.push(...page.items.map(toKnownTool));
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
