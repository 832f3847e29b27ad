import type { GatewayRoute } from '@agentportal/model-gateway';
import type { AuthService } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { ownersOf } from './routeJson';
import type { RouteStore } from './RouteStore';
import { readRouteYaml } from './routeYaml';

/** Knows who answers for a route. */
export class RouteOwners {
  readonly #store: RouteStore;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;

  constructor(options: {
    store: RouteStore;
    catalog: CatalogService;
    auth: AuthService;
  }) {
    this.#store = options.store;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  /** Whoever is named in the route as it was saved, or else in its entity. */
  async ownersOf(route: GatewayRoute): Promise<string[]> {
    const edit = await this.#store.get(route.name);
    if (edit) {
      return ownersOf(readRouteYaml(edit.yaml));
    }
    const entity = await this.entityOf(route);
    return entity ? ownersOf(entity) : [];
  }

  /** What the catalog says of the route. */
  async entityOf(route: GatewayRoute): Promise<Entity | undefined> {
    return this.#catalog.getEntityByRef(route.ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
  }
}
