import type { GatewayRoute } from '@agentportal/model-gateway';
import type { AuthService } from '@backstage/backend-plugin-api';
import type { CatalogTrust } from '@agentportal/plugin-agents-node';
import type { Entity } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { mayTakeItsName } from '../catalog/readDeclarations';
import { ownersOf } from './routeJson';
import type { RouteEdit, RouteStore } from './RouteStore';
import { readRouteYaml } from './routeYaml';

/** A route that there is, or that may be in the catalog. */
type NamedRoute = Pick<GatewayRoute, 'name' | 'ref'>;

/** Knows who answers for routes. */
export class RouteOwners {
  readonly #store: RouteStore;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #trust: CatalogTrust;

  constructor(options: {
    store: RouteStore;
    catalog: CatalogService;
    auth: AuthService;
    trust: CatalogTrust;
  }) {
    this.#store = options.store;
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#trust = options.trust;
  }

  /** Entity refs of groups and users; `undefined` when there is no such route. */
  async of(route: NamedRoute): Promise<string[] | undefined> {
    const edits = await this.#store.byNames([route.name]);
    return (await this.ofAll([route], edits)).get(route.name);
  }

  /**
   * Whoever is named in a route as it was saved, or else in its entity, by the
   * name of the route. Routes that there are not are left out.
   */
  async ofAll(
    routes: NamedRoute[],
    edits: ReadonlyMap<string, RouteEdit>,
  ): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    for (const { name } of routes) {
      const owners = ownersOfEdit(edits.get(name));
      if (owners) {
        found.set(name, owners);
      }
    }
    const others = routes.filter(({ name }) => !found.has(name));
    if (others.length > 0) {
      const { items } = await this.#catalog.getEntitiesByRefs(
        {
          entityRefs: others.map(({ ref }) => ref),
          fields: ['kind', 'metadata', 'relations', 'spec.owner'],
        },
        { credentials: await this.#auth.getOwnServiceCredentials() },
      );
      others.forEach(({ name }, at) => {
        const entity = items[at];
        if (entity && mayTakeItsName(entity, this.#trust)) {
          found.set(name, ownersOf(entity));
        }
      });
    }
    return found;
  }

  /** What the catalog says of the route. */
  async entityOf(route: NamedRoute): Promise<Entity | undefined> {
    const entity = await this.#catalog.getEntityByRef(route.ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    return entity && mayTakeItsName(entity, this.#trust) ? entity : undefined;
  }
}

/** What an older version took and this one cannot read names nobody. */
function ownersOfEdit(edit: RouteEdit | undefined): string[] | undefined {
  try {
    return edit && ownersOf(readRouteYaml(edit.yaml));
  } catch {
    return undefined;
  }
}
