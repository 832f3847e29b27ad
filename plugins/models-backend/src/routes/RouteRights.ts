import type { GatewayRoute, ModelDirectory } from '@agentportal/model-gateway';
import {
  costReadPermission,
  modelReadPermission,
  routeWritePermission,
} from '@agentportal/plugin-models-common';
import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { ConflictError, NotFoundError } from '@backstage/errors';
import type {
  Allower,
  ConditionalDecisions,
} from '../access/ConditionalDecisions';
import { hasPermission } from '../access/hasPermission';
import type { ModelDecisions } from '../access/ModelDecisions';
import type { ModelResource } from '../access/modelRules';
import type { RouteResource } from '../access/routeRules';
import { mayNot } from '../api/caller';

/** Who may do what with routes. What one may not see is not there. */
export class RouteRights {
  readonly #directory: ModelDirectory;
  readonly #models: ModelDecisions;
  readonly #routes: ConditionalDecisions<RouteResource>;
  readonly #permissions: PermissionsService;

  constructor(options: {
    directory: ModelDirectory;
    models: ModelDecisions;
    routes: ConditionalDecisions<RouteResource>;
    permissions: PermissionsService;
  }) {
    this.#directory = options.directory;
    this.#models = options.models;
    this.#routes = options.routes;
    this.#permissions = options.permissions;
  }

  async allReadable(
    credentials: BackstageCredentials,
  ): Promise<GatewayRoute[]> {
    const allows = await this.#reader(credentials);
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
    const allows = await this.#reader(credentials);
    if (!allows(toResource(name))) {
      throw notThere(name);
    }
  }

  /** A preview tells what the calls of others cost. */
  async mayPreview(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<void> {
    await this.mayRead(name, credentials);
    if (
      !(await hasPermission(this.#permissions, costReadPermission, credentials))
    ) {
      throw mayNot(
        'see what recent calls would have cost',
        costReadPermission.name,
      );
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
      if (ownerRefs && !(await allows(() => ({ name, ownerRefs })))) {
        throw mayNot(
          `change the route ${name}, which belongs to ${
            ownerRefs.join(', ') || 'nobody'
          }`,
          routeWritePermission.name,
        );
      }
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

  #reader(
    credentials: BackstageCredentials,
  ): Promise<(model: ModelResource) => boolean> {
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
