import { fullRefOf, type RiskTier } from '@agentportal/plugin-agents-common';
import { createPluginAsker } from '@agentportal/plugin-agents-node';
import { ToolsClient } from '@agentportal/plugin-tools-common';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { toolEvidence } from '../scorecards/evidence/toolEvidence';

const TIMEOUT_MS = 10_000;

/**
 * How far agents reach: the highest risk tier of the tools that their files name. The tools plugin
 * says what tier a tool has: what an entity says of itself is a claim, and may be far too low.
 */
export class AgentTiers {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #tools: ReturnType<typeof toolEvidence>;

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    discovery: DiscoveryService;
  }) {
    const { auth, catalog, discovery } = options;
    this.#auth = auth;
    this.#catalog = catalog;
    this.#tools = toolEvidence({
      tools: new ToolsClient({
        discoveryApi: discovery,
        fetchApi: { fetch },
      }),
      ask: createPluginAsker({
        auth,
        pluginId: 'tools',
        timeoutMs: TIMEOUT_MS,
        away: 'How far the agent reaches is not known at the moment. Try again in a minute.',
      }),
    });
  }

  /** Undefined when the catalog does not know the agent. */
  async of(agentRef: string): Promise<RiskTier | undefined> {
    const agent = await this.#catalog.getEntityByRef(agentRef, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    if (!agent) {
      return undefined;
    }
    const named = Array.isArray(agent.spec?.tools) ? agent.spec.tools : [];
    const toolRefs = named.map(
      tool => fullRefOf(String(tool), 'Tool') ?? String(tool),
    );
    if (!toolRefs.length) {
      return 'read';
    }
    const found = await this.#tools.read(
      [{ ref: agentRef, toolRefs }],
      Date.now(),
    );
    // A tool that is not there yet could become anything.
    return found.get(agentRef)?.tools?.tier ?? 'critical';
  }
}
