import {
  type GatewayRoute,
  type ModelDirectory,
  resolveRoute,
} from '@agentportal/model-gateway';
import {
  modelReadPermission,
  modelUsePermission,
  routeWritePermission,
} from '@agentportal/plugin-models-common';
import type {
  Allower,
  PermissionDecisions,
} from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import type { ModelResource, RouteResource } from '../access/rules';
import { mayNot } from '../api/caller';

/** Who may do what with routes. What one may not see is not there. */
export class RouteRights {
  readonly #directory: ModelDirectory;
  readonly #models: PermissionDecisions<ModelResource>;
  readonly #routes: PermissionDecisions<RouteResource>;

  constructor(options: {
    directory: ModelDirectory;
    models: PermissionDecisions<ModelResource>;
    routes: PermissionDecisions<RouteResource>;
  }) {
    this.#directory = options.directory;
    this.#models = options.models;
    this.#routes = options.routes;
  }

  async allReadable(
    credentials: BackstageCredentials,
  ): Promise<GatewayRoute[]> {
    const { allows } = await this.#reader(credentials);
    return this.#directory
      .routes()
      .filter(({ name }) => allows(toResource(name)));
  }

  async readable(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<GatewayRoute> {
    await this.mayRead(name, credentials);
    const found = this.#directory.routes().find(route => route.name === name);
    if (!found) {
      throw notThere(name);
    }
    return found;
  }

  /** Also of a route that is there no more. */
  async mayRead(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const { allows } = await this.#reader(credentials);
    if (!allows(toResource(name))) {
      throw notThere(name);
    }
  }

  writer(credentials: BackstageCredentials): Promise<Allower<RouteResource>> {
    return this.#routes.allower(routeWritePermission, credentials);
  }

  /** Throws unless the caller may change a route of each of these owners. */
  async mayChange(
    name: string,
    owners: Array<string[] | undefined>,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const { allows } = await this.writer(credentials);
    for (const ownerRefs of owners) {
      if (ownerRefs && !allows({ name, ownerRefs })) {
        throw mayNot(
          `change the route ${name}, which belongs to ${
            ownerRefs.join(', ') || 'nobody'
          }`,
          routeWritePermission.name,
        );
      }
    }
  }

  /**
   * Throws where a route would come to lead to a model that the caller may not use:
   * keys and agents that have the route may then use what it leads to.
   */
  async mayLeadTo(
    route: GatewayRoute,
    credentials: BackstageCredentials,
  ): Promise<void> {
    const known = this.#directory
      .routes()
      .find(({ name }) => name === route.name);
    const before = known && resolveRoute(known, this.#directory);
    const after = resolveRoute(route, this.#directory);
    const { allows, always } = await this.#models.allower(
      modelUsePermission,
      credentials,
    );
    // Of a model that is not there yet, nobody knows whether a condition holds.
    const refused =
      after.models.find(
        model => !before?.models.includes(model) && !allows(model),
      )?.id ??
      after.unknown.find(name => !always && !before?.unknown.includes(name));
    if (refused) {
      throw new NotAllowedError(
        `You may not use ${refused} yourself (${modelUsePermission.name}), so you cannot make the route ${route.name} lead to it.`,
      );
    }
  }

  /** A route by the name of something else would get the calls meant for that. */
  mustBeFree(ref: string, name: string): void {
    const route = this.#directory
      .routes()
      .find(each => each.ref === ref && each.name !== name);
    const other = this.#directory.model(ref)?.id ?? route?.name;
    if (other !== undefined) {
      throw new ConflictError(
        `${ref} is ${other} already; give the route another name.`,
      );
    }
  }

  #reader(credentials: BackstageCredentials): Promise<Allower<ModelResource>> {
    return this.#models.allower(modelReadPermission, credentials);
  }
}

function toResource(name: string): ModelResource {
  return { id: name, provider: 'route', type: 'route' };
}

function notThere(name: string): NotFoundError {
  return new NotFoundError(
    `There is no route ${name}; the list of routes has all names.`,
  );
}
