import type {
  ModelsPage,
  RouteChange,
  RouteDetails,
  RoutePreview,
  RouteSummary,
} from '@agentportal/plugin-models-common';
import {
  modelReadPermission,
  routeWritePermission,
} from '@agentportal/plugin-models-common';
import type { GatewayRoute, ModelDirectory } from '@agentportal/model-gateway';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { z } from 'zod/v4';
import type {
  Allower,
  ConditionalDecisions,
} from '../access/ConditionalDecisions';
import type { ModelDecisions } from '../access/ModelDecisions';
import type { RouteResource } from '../access/routeRules';
import { audited } from '../api/audited';
import { nameOf } from '../api/caller';
import { decodeCursor, encodeCursor } from '../api/cursor';
import type { DeclaredModels } from './DeclaredModels';
import type { RoutePreviews } from './preview/RoutePreviews';
import { ownersOf, toRouteSummary } from './routeJson';
import type { RouteOwners } from './RouteOwners';
import type { RouteStore } from './RouteStore';
import { readRouteYaml, writeRouteYaml } from './routeYaml';

const DEFAULT_LIMIT = 25;
const afterName = z.object({ after: z.string() });
const beforeChange = z.object({ before: z.number().int() });

interface PageRequest {
  limit?: number;
  cursor?: string;
}

/** Routes for HTTP and for actions, with permissions and an audit trail. */
export class RoutesApi {
  readonly #options: RoutesApiOptions;

  constructor(options: RoutesApiOptions) {
    this.#options = options;
  }

  async list(
    query: PageRequest & { q?: string },
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<RouteSummary>> {
    const after = decodeCursor(query.cursor, afterName)?.after ?? '';
    const limit = query.limit ?? DEFAULT_LIMIT;
    const words = (query.q ?? '').toLocaleLowerCase('en-US').split(/\s+/);
    const routes = (await this.#readable(credentials))
      .filter(route => route.name > after)
      .filter(({ name, title, description = '' }) => {
        const text = `${name} ${title} ${description}`.toLocaleLowerCase(
          'en-US',
        );
        return words.every(word => text.includes(word));
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = routes.slice(0, limit);
    return {
      items: await this.#summaries(page, credentials),
      ...(routes.length > limit && {
        nextCursor: encodeCursor({ after: page.at(-1)?.name }),
      }),
    };
  }

  async get(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<RouteDetails> {
    const route = await this.#find(name, credentials);
    const [summary] = await this.#summaries([route], credentials);
    const edit = await this.#options.store.get(route.name);
    const entity = await this.#options.owners.entityOf(route);
    const catalogYaml = entity && writeRouteYaml(entity);
    return {
      ...summary,
      yaml: edit?.yaml ?? catalogYaml ?? '',
      ...(edit && catalogYaml && { catalogYaml }),
    };
  }

  async save(
    name: string,
    input: { yaml: string },
    credentials: BackstageCredentials,
  ): Promise<RouteDetails> {
    const entity = readRouteYaml(input.yaml);
    if (entity.metadata.name !== name) {
      throw new InputError(
        `The YAML names the route ${entity.metadata.name}, but ${name} is to be saved; a route keeps its name.`,
      );
    }
    return this.#audited('route-save', { name }, credentials, async () => {
      const { declared, directory, store } = this.#options;
      const known = directory.routes().find(route => route.name === name);
      // Whoever gives a route away must own it, and so must whoever takes it.
      const before = known && (await this.#options.owners.ownersOf(known));
      const { allows } = await this.#writer(credentials);
      for (const ownerRefs of [before, ownersOf(entity)]) {
        if (ownerRefs && !(await allows(() => ({ name, ownerRefs })))) {
          throw new NotAllowedError(
            `You may not change the route ${name}; its owner is ${ownerRefs.join(
              ', ',
            )}.`,
          );
        }
      }
      await store.save(name, input.yaml, nameOf(credentials));
      await declared.refresh();
      return this.get(name, credentials);
    });
  }

  async revert(name: string, credentials: BackstageCredentials): Promise<void> {
    const route = await this.#find(name, credentials);
    await this.#audited('route-revert', { name }, credentials, async () => {
      const { declared, store } = this.#options;
      const { allows } = await this.#writer(credentials);
      const ownerRefs = await this.#options.owners.ownersOf(route);
      if (!(await allows(() => ({ name: route.name, ownerRefs })))) {
        throw new NotAllowedError(`You may not change the route ${name}.`);
      }
      if (!(await store.revert(route.name, nameOf(credentials)))) {
        throw new NotFoundError(
          `The route ${name} was not changed in the portal; there is nothing to take back.`,
        );
      }
      await declared.refresh();
    });
  }

  async history(
    name: string,
    query: PageRequest,
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<RouteChange>> {
    await this.#reader(credentials);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const changes = await this.#options.store.history(name, {
      limit: limit + 1,
      before: decodeCursor(query.cursor, beforeChange)?.before,
    });
    const page = changes.slice(0, limit);
    return {
      items: page.map(({ at, by, action, yaml }) => ({
        at: new Date(at).toISOString(),
        by,
        action,
        ...(yaml && { yaml }),
      })),
      ...(changes.length > limit && {
        nextCursor: encodeCursor({ before: page.at(-1)?.id }),
      }),
    };
  }

  /** Chooses anew for recent calls; whoever may see models and costs may look. */
  async preview(
    input: { yaml: string; days?: number },
    credentials: BackstageCredentials,
  ): Promise<RoutePreview> {
    await this.#reader(credentials);
    return this.#options.previews.preview(
      readRouteYaml(input.yaml),
      input.days ?? 7,
    );
  }

  async #summaries(
    routes: GatewayRoute[],
    credentials: BackstageCredentials,
  ): Promise<RouteSummary[]> {
    const { declared, directory, store } = this.#options;
    const [writer, edits] = await Promise.all([
      this.#writer(credentials),
      store.list(),
    ]);
    return Promise.all(
      routes.map(async route => {
        const ownerRefs = await this.#options.owners.ownersOf(route);
        return toRouteSummary(route, {
          directory,
          ownerRef: ownerRefs[0],
          inCatalog: declared.isInCatalog(route.name),
          edit: edits.find(edit => edit.name === route.name),
          mayEdit: await writer.allows(() => ({ name: route.name, ownerRefs })),
        });
      }),
    );
  }

  async #find(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<GatewayRoute> {
    const found = (await this.#readable(credentials)).find(
      route => route.name === name,
    );
    if (!found) {
      throw new NotFoundError(
        `There is no route ${name}; the list of routes has all names.`,
      );
    }
    return found;
  }

  async #readable(credentials: BackstageCredentials): Promise<GatewayRoute[]> {
    const allows = await this.#reader(credentials);
    return this.#options.directory
      .routes()
      .filter(({ name }) =>
        allows({ id: name, provider: 'route', type: 'route' }),
      );
  }

  async #reader(credentials: BackstageCredentials) {
    return this.#options.models.allower(modelReadPermission, credentials);
  }

  #writer(credentials: BackstageCredentials): Promise<Allower<RouteResource>> {
    return this.#options.decisions.allower(routeWritePermission, credentials);
  }

  #audited<T>(
    eventId: string,
    terms: object,
    credentials: BackstageCredentials,
    change: () => Promise<T>,
  ): Promise<T> {
    const { auditor } = this.#options;
    return audited(auditor, { eventId, terms, credentials }, change);
  }
}

/** What the routes of the API need. */
export interface RoutesApiOptions {
  store: RouteStore;
  declared: DeclaredModels;
  directory: ModelDirectory;
  previews: RoutePreviews;
  decisions: ConditionalDecisions<RouteResource>;
  models: ModelDecisions;
  owners: RouteOwners;
  auditor: AuditorService;
}
