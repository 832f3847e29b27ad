import type {
  GatewayRoute,
  ModelDirectory,
  PriceBook,
} from '@agentportal/model-gateway';
import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import type { CatalogTrust } from '@agentportal/plugin-agents-node';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import {
  type Declarations,
  readDeclarations,
  toRoute,
} from '../catalog/readDeclarations';
import type { RouteStore } from './RouteStore';
import { readRouteYaml } from './routeYaml';

/**
 * Brings what people declare to the gateway: the models, prices and routes of the
 * catalog, and the routes that were saved in the portal in front of them.
 */
export class DeclaredModels {
  readonly #options: {
    directory: ModelDirectory;
    priceBook: PriceBook;
    catalog: CatalogService;
    auth: AuthService;
    trust: CatalogTrust;
    routes: RouteStore;
    logger: LoggerService;
  };
  #catalog: Declarations = {
    models: [],
    routes: [],
    prices: new Map(),
    ignored: [],
  };
  #inCatalog: ReadonlySet<string> = new Set();
  #told = '';
  #reading: Promise<void> | undefined;
  #again = false;

  constructor(options: {
    directory: ModelDirectory;
    priceBook: PriceBook;
    catalog: CatalogService;
    auth: AuthService;
    trust: CatalogTrust;
    routes: RouteStore;
    logger: LoggerService;
  }) {
    this.#options = options;
  }

  /** Whether the catalog has a route of this name, as last read. */
  isInCatalog(routeName: string): boolean {
    return this.#inCatalog.has(routeName);
  }

  /**
   * Reads everything again; when that fails what is known stays. One reading at a time,
   * lest an older one end last; what changes meanwhile causes one more.
   */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#readAll();
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        this.#catalog = await readDeclarations(this.#options);
        await this.refreshEdits();
      }
    } finally {
      this.#reading = undefined;
    }
  }

  /** Reads again what was saved in the portal, by this process or another one. */
  async refreshEdits(): Promise<void> {
    const { directory, logger, priceBook, routes } = this.#options;
    const found = this.#catalog;
    const edits = await routes.list();
    const problems = [
      ...found.ignored,
      ...found.models.flatMap(({ ignored }) => ignored ?? []),
    ];
    const byName = new Map<string, GatewayRoute>(
      found.routes.map(route => [route.name, route]),
    );
    this.#inCatalog = new Set(byName.keys());
    for (const { name, yaml } of edits) {
      try {
        byName.set(name, {
          ...toRoute(readRouteYaml(yaml)),
          isVouchedFor: true,
        });
      } catch (error) {
        // What an older version took must not take all other routes away.
        problems.push(
          `The route ${name} as saved in the portal cannot be used: ${error}.`,
        );
      }
    }
    // This is read again and again; what is wrong is told once.
    const problem = problems.join(' ');
    if (problem && problem !== this.#told) {
      logger.warn(problem);
    }
    this.#told = problem;
    directory.setDeclared({
      models: found.models,
      routes: [...byName.values()],
    });
    priceBook.setDeclared(found.prices);
  }
}
