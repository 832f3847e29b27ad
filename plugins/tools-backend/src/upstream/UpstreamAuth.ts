import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { DEFAULT_NAMESPACE, parseEntityRef } from '@backstage/catalog-model';
import type { Exchange } from './guardedFetch';
import { isBelow } from './UrlPolicy';

const ACTIONS_PLUGIN_ID = 'mcp-actions';

/**
 * Credentials for MCP servers. A server gets what app-config holds for it.
 * Only Backstage's own actions get a token of the caller, because a token must
 * not travel to anyone for whom it was not made.
 */
export class UpstreamAuth {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #headers: Map<string, Record<string, string>>;

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    headers: Map<string, Record<string, string>>;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#headers = options.headers;
  }

  /** Whether the server is Backstage's own action server. */
  async isBackstageActions(url: string): Promise<boolean> {
    const bases = await Promise.all([
      this.#discovery.getBaseUrl(ACTIONS_PLUGIN_ID),
      this.#discovery.getExternalBaseUrl(ACTIONS_PLUGIN_ID),
    ]);
    return bases.some(base => isBelow(url, base));
  }

  /** Headers for one exchange with a server. */
  async headersFor(
    server: { ref: string; url: string },
    exchange: Exchange | undefined,
  ): Promise<Record<string, string>> {
    const headers = { ...this.#headers.get(configKey(server.ref)) };
    if (await this.isBackstageActions(server.url)) {
      const { token } = await this.#auth.getPluginRequestToken({
        onBehalfOf:
          exchange?.credentials ??
          (await this.#auth.getOwnServiceCredentials()),
        targetPluginId: ACTIONS_PLUGIN_ID,
      });
      headers.authorization = `Bearer ${token}`;
    }
    return headers;
  }
}

/** `orders`, or `claims/orders` outside of the default namespace. */
function configKey(serverRef: string): string {
  const { namespace, name } = parseEntityRef(serverRef);
  return namespace === DEFAULT_NAMESPACE ? name : `${namespace}/${name}`;
}
