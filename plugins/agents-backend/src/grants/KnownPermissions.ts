import {
  createPluginAsker,
  type PluginAsker,
} from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  DiscoveryService,
  RootConfigService,
  RootInstanceMetadataService,
} from '@backstage/backend-plugin-api';
import { InputError, ServiceUnavailableError } from '@backstage/errors';
import { z } from 'zod/v4';

/** Somebody who opens the dialog and gives a permission asks the plugins once. */
const MAX_AGE_MS = 10_000;
const TIMEOUT_MS = 3_000;

/** As the permissions registry of Backstage answers. */
const METADATA = z.object({
  permissions: z.array(z.object({ name: z.string().max(255) })).default([]),
});

/** A permission, and the plugin that asks for it. */
export interface KnownPermission {
  permission: string;
  pluginId: string;
}

interface Read {
  known: Map<string, KnownPermission>;
  /** Plugins that did not answer. */
  away: string[];
}

/** The permissions that the installed plugins ask for, as each tells of itself. */
export class KnownPermissions {
  readonly #auth: AuthService;
  readonly #discovery: DiscoveryService;
  readonly #config: RootConfigService;
  readonly #instance: RootInstanceMetadataService;
  readonly #askers = new Map<string, PluginAsker>();
  #read?: { at: number; answer: Promise<Read> };

  constructor(options: {
    auth: AuthService;
    discovery: DiscoveryService;
    config: RootConfigService;
    instance: RootInstanceMetadataService;
  }) {
    this.#auth = options.auth;
    this.#discovery = options.discovery;
    this.#config = options.config;
    this.#instance = options.instance;
  }

  /** In the order of their names; without those of plugins that do not answer. */
  async all(): Promise<KnownPermission[]> {
    const { known } = await this.#current();
    return [...known.values()].sort((a, b) =>
      a.permission < b.permission ? -1 : 1,
    );
  }

  /**
   * @throws InputError when no plugin asks for the permission
   * @throws ServiceUnavailableError when one that does not answer might
   */
  async require(permission: string): Promise<void> {
    const { known, away } = await this.#current();
    if (known.has(permission)) {
      return;
    }
    if (away.length > 0) {
      this.#read = undefined;
      throw new ServiceUnavailableError(
        `No plugin that answers asks for ${permission}, and ${away.join(
          ', ',
        )} did not answer. Try again in a moment.`,
      );
    }
    throw new InputError(
      `No plugin of this portal asks for a permission ${permission}, so it would give nothing. Choose one of those that are asked for, such as catalog.location.read.`,
    );
  }

  async #current(): Promise<Read> {
    const now = performance.now();
    if (!this.#read || now - this.#read.at > MAX_AGE_MS) {
      const answer = this.#ask();
      this.#read = { at: now, answer };
      answer.catch(() => {
        this.#read = undefined;
      });
    }
    return this.#read.answer;
  }

  async #ask(): Promise<Read> {
    const here = await this.#instance.getInstalledPlugins();
    // Of a portal of several backends the discovery knows the others.
    const elsewhere =
      this.#config.getOptionalConfigArray('discovery.endpoints') ?? [];
    const pluginIds = new Set([
      ...here.map(({ pluginId }) => pluginId),
      ...elsewhere.flatMap(each => each.getStringArray('plugins')),
    ]);
    const known = new Map<string, KnownPermission>();
    const away: string[] = [];
    await Promise.all(
      [...pluginIds].map(async pluginId => {
        try {
          for (const permission of await this.#of(pluginId)) {
            known.set(permission, { permission, pluginId });
          }
        } catch {
          away.push(pluginId);
        }
      }),
    );
    return { known, away: away.sort() };
  }

  async #of(pluginId: string): Promise<string[]> {
    let asker = this.#askers.get(pluginId);
    if (!asker) {
      asker = createPluginAsker({
        auth: this.#auth,
        pluginId,
        timeoutMs: TIMEOUT_MS,
        away: `The plugin ${pluginId} does not answer.`,
      });
      this.#askers.set(pluginId, asker);
    }
    return asker(async ({ token, signal }) => {
      const response = await fetch(
        `${await this.#discovery.getBaseUrl(
          pluginId,
        )}/.well-known/backstage/permissions/metadata`,
        { signal, headers: { authorization: `Bearer ${token}` } },
      );
      if (response.status >= 500) {
        throw new Error(`It answered ${response.status}.`);
      }
      // Without a registry of permissions a plugin has no such page, or its own 404.
      const found = METADATA.safeParse(
        response.ok ? await response.json().catch(() => ({})) : {},
      );
      return found.success
        ? found.data.permissions.map(({ name }) => name)
        : [];
    });
  }
}
