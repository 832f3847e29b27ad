import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type { ToolsClient } from '@agentportal/plugin-tools-common';
import { pages } from '../service/pages';

const PAGE = 100;
const GOOD_FOR_MS = 10 * 60_000;

/** Which tools do more than read, as the tools plugin says and not as they say themselves. */
export class SensitiveTools {
  readonly #o: { ask: PluginAsker; tools: Pick<ToolsClient, 'listTools'> };
  #harmless: Set<string> | undefined;
  #readAt = -Infinity;

  constructor(options: {
    ask: PluginAsker;
    tools: Pick<ToolsClient, 'listTools'>;
  }) {
    this.#o = options;
  }

  /** Undefined while nobody has said it yet; what was said before holds while the plugin is away. */
  async known(): Promise<((toolRef: string) => boolean) | undefined> {
    if (performance.now() - this.#readAt > GOOD_FOR_MS) {
      try {
        this.#harmless = await this.#read();
        this.#readAt = performance.now();
      } catch {
        // Whatever else is watched must not wait for it.
      }
    }
    const harmless = this.#harmless;
    return harmless && (ref => !harmless.has(ref));
  }

  async #read(): Promise<Set<string>> {
    const { ask, tools } = this.#o;
    const harmless = new Set<string>();
    const all = pages(cursor =>
      ask(by => tools.listTools({ limit: PAGE, cursor }, by)),
    );
    for await (const page of all) {
      for (const { ref, riskTier } of page) {
        if (riskTier === 'read') {
          harmless.add(ref);
        }
      }
    }
    return harmless;
  }
}
