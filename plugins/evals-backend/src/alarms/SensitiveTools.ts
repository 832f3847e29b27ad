import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type { ToolsClient } from '@agentportal/plugin-tools-common';
import { pages } from '../service/pages';
import type { ToolTiers } from './callSeries';

const PAGE = 100;
const GOOD_FOR_MS = 10 * 60_000;

/** What tools may do, as the tools plugin says and not as they say themselves. */
export class SensitiveTools {
  readonly #o: { ask: PluginAsker; tools: Pick<ToolsClient, 'listTools'> };
  #tiers: Map<string, RiskTier> | undefined;
  #readAt = -Infinity;

  constructor(options: {
    ask: PluginAsker;
    tools: Pick<ToolsClient, 'listTools'>;
  }) {
    this.#o = options;
  }

  /** Undefined while nobody has said it yet; what was said before holds while the plugin is away. */
  async known(): Promise<ToolTiers | undefined> {
    if (performance.now() - this.#readAt > GOOD_FOR_MS) {
      try {
        this.#tiers = await this.#read();
        this.#readAt = performance.now();
      } catch {
        // Whatever else is watched must not wait for it.
      }
    }
    const tiers = this.#tiers;
    // Of one that nobody knows the worst is supposed.
    return (
      tiers && {
        isSensitive: ref => tiers.get(ref) !== 'read',
        isGrave: ref => !['read', 'write'].includes(tiers.get(ref) ?? ''),
      }
    );
  }

  async #read(): Promise<Map<string, RiskTier>> {
    const { ask, tools } = this.#o;
    const tiers = new Map<string, RiskTier>();
    const all = pages(cursor =>
      ask(by => tools.listTools({ limit: PAGE, cursor }, by)),
    );
    for await (const page of all) {
      for (const { ref, riskTier } of page) {
        tiers.set(ref, riskTier);
      }
    }
    return tiers;
  }
}
