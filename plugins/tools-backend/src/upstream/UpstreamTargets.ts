import {
  isBelow,
  isPrivateHost,
  matchesHost,
  matchesHostAndPort,
} from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import type { ServerSettings } from '../config/readToolsConfig';
import { blockedUrl, privateHost } from './blockedUrl';

const ACTIONS_PLUGIN_ID = 'mcp-actions';

/** A server's address that was checked, and what is sent there. */
export interface UpstreamTarget {
  /** The one reading of the address that everything else goes by. */
  url: URL;
  /** Whether the operator named the host, whatever its address is. */
  privateAllowed: boolean;
  /** Whether the server is Backstage's own action server. */
  isBackstageActions: boolean;
  /** Headers for one exchange, in whose name it is made. */
  headersFor(
    credentials: BackstageCredentials | undefined,
  ): Promise<Record<string, string>>;
}

/**
 * Decides where the gateway may go and what it may say there. Secrets of app-config
 * go to the origin that they were given for. Backstage's own actions alone get a
 * token of the caller, because a token must not travel to anyone for whom it was not
 * made.
 */
export class UpstreamTargets {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #settingsOf: (serverRef: string) => ServerSettings;
  readonly #allowedHosts: string[];
  readonly #publicHosts: boolean;

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    config: {
      settingsOf(serverRef: string): ServerSettings;
      allowedHosts: string[];
      publicHosts: boolean;
    };
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#settingsOf = options.config.settingsOf;
    this.#allowedHosts = options.config.allowedHosts;
    this.#publicHosts = options.config.publicHosts;
  }

  /**
   * Reads the address of a server.
   *
   * @throws UpstreamError with the code `blocked_url` when it may not be called.
   */
  async resolve(server: {
    ref: string;
    url: string;
    isVerified: boolean;
  }): Promise<UpstreamTarget> {
    const settings = this.#settingsOf(server.ref);
    const url = URL.canParse(server.url) ? new URL(server.url) : undefined;
    // The text is not repeated: it may hold a password.
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw blockedUrl('its address is not an http or https URL');
    }
    if (url.username || url.password) {
      throw blockedUrl(
        'the URL holds a password; put it into tools.servers.<name>.headers of app-config',
      );
    }
    const isBackstageActions = await this.#isBelow(url, ACTIONS_PLUGIN_ID);
    if (!isBackstageActions && (await this.#isBelow(url, 'tools'))) {
      throw blockedUrl('this is the gateway itself');
    }
    return {
      url,
      privateAllowed:
        isBackstageActions || this.#isNamed(url, server.isVerified, settings),
      isBackstageActions,
      headersFor: async credentials =>
        isBackstageActions
          ? this.#tokenFor(credentials)
          : { ...(mayHaveSecrets(url, settings) ? settings.headers : {}) },
    };
  }

  /**
   * Whether the operator named the host for this server; throws when it may not be
   * called. What the operator allows is for servers that somebody vouches for, and not
   * for whoever registers an entity.
   */
  #isNamed(url: URL, isVerified: boolean, settings: ServerSettings): boolean {
    if (settings.url || settings.hosts) {
      if (!isWhereSet(url, settings)) {
        throw blockedUrl(
          `${url.host} is not where tools.servers of app-config says that this server is`,
        );
      }
      return true;
    }
    const isAllowed = matchesHost(url, this.#allowedHosts);
    if (isAllowed && isVerified) {
      return true;
    }
    if (!isAllowed && !this.#publicHosts) {
      throw blockedUrl(
        `${url.host} is not among tools.allowedHosts of app-config`,
      );
    }
    if (isPrivateHost(url)) {
      throw privateHost(url.host);
    }
    return false;
  }

  async #isBelow(url: URL, pluginId: string): Promise<boolean> {
    const bases = await Promise.all([
      this.#discovery.getBaseUrl(pluginId),
      this.#discovery.getExternalBaseUrl(pluginId),
    ]);
    return bases.some(base => isBelow(url, base));
  }

  async #tokenFor(credentials: BackstageCredentials | undefined) {
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: credentials ?? (await this.#auth.getOwnServiceCredentials()),
      targetPluginId: ACTIONS_PLUGIN_ID,
    });
    return { authorization: `Bearer ${token}` };
  }
}

/** Whether an address is where app-config says that the server is. */
export function isWhereSet(
  url: URL,
  settings: Pick<ServerSettings, 'url' | 'hosts'>,
): boolean {
  return settings.url
    ? url.origin === new URL(settings.url).origin
    : matchesHost(url, settings.hosts ?? []);
}

/** A host alone is no origin: over plain http the port has to be written as well. */
function mayHaveSecrets(url: URL, settings: ServerSettings): boolean {
  return (
    isWhereSet(url, settings) &&
    (Boolean(settings.url) ||
      url.protocol === 'https:' ||
      matchesHostAndPort(url, settings.hosts ?? []))
  );
}
