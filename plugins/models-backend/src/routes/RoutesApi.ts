import { decodeCursor } from '@agentportal/plugin-agents-node';
import type {
  ModelsPage,
  RouteChange,
  RouteDetails,
  RoutePreview,
  RouteSummary,
} from '@agentportal/plugin-models-common';
import type { GatewayRoute, ModelDirectory } from '@agentportal/model-gateway';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { InputError, NotFoundError } from '@backstage/errors';
import { z } from 'zod/v4';
import type { CallRights } from '../access/CallRights';
import { audited } from '../api/audited';
import { nameOf } from '../api/caller';
import { DEFAULT_LIMIT, toPage } from '../api/page';
import { toRoute } from '../catalog/readDeclarations';
import type { DeclaredModels } from './DeclaredModels';
import type { RoutePreviews } from './preview/RoutePreviews';
import { ownersOf, toRouteSummary } from './routeJson';
import type { RouteOwners } from './RouteOwners';
import type { RouteRights } from './RouteRights';
import type { RouteStore } from './RouteStore';
import { readRouteYaml, writeRouteYaml } from './routeYaml';

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
    const routes = (await this.#options.rights.allReadable(credentials))
      .filter(route => route.name > after)
      .filter(({ name, title, description = '' }) => {
        const text = `${name} ${title} ${description}`.toLocaleLowerCase(
          'en-US',
        );
        return words.every(word => text.includes(word));
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const page = toPage(routes, limit, ({ name }) => ({ after: name }));
    return { ...page, items: await this.#summaries(page.items, credentials) };
  }

  async get(
    name: string,
    credentials: BackstageCredentials,
  ): Promise<RouteDetails> {
    const route = await this.#options.rights.readable(name, credentials);
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
      const { declared, owners, rights, store } = this.#options;
      const ref = stringifyEntityRef(entity);
      // Whoever gives a route away must own it, and so must whoever takes it.
      const before = await owners.of({ name, ref });
      await rights.mayChange(name, [before, ownersOf(entity)], credentials);
      await rights.mayLeadTo(toRoute(entity), credentials);
      rights.mustBeFree(ref, name);
      await store.save(name, input.yaml, nameOf(credentials));
      await declared.refreshEdits();
      return this.get(name, credentials);
    });
  }

  async revert(name: string, credentials: BackstageCredentials): Promise<void> {
    const route = await this.#options.rights.readable(name, credentials);
    await this.#audited('route-revert', { name }, credentials, async () => {
      const { declared, owners, rights, store } = this.#options;
      await rights.mayChange(name, [await owners.of(route)], credentials);
      if (!(await store.revert(route.name, nameOf(credentials)))) {
        throw new NotFoundError(
          `The route ${name} was not changed in the portal; there is nothing to take back.`,
        );
      }
      await declared.refreshEdits();
    });
  }

  async history(
    name: string,
    query: PageRequest,
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<RouteChange>> {
    // Of a route that is gone, too: its last line tells who took it away.
    await this.#options.rights.mayRead(name, credentials);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const changes = await this.#options.store.history(name, {
      limit: limit + 1,
      before: decodeCursor(query.cursor, beforeChange)?.before,
    });
    const page = toPage(changes, limit, ({ id: before }) => ({ before }));
    return {
      ...page,
      items: page.items.map(({ at, by, action, yaml }) => ({
        at: new Date(at).toISOString(),
        by,
        action,
        ...(yaml && { yaml }),
      })),
    };
  }

  /** Chooses anew for those recent calls that the caller may see. */
  async preview(
    input: { yaml: string; days?: number },
    credentials: BackstageCredentials,
  ): Promise<RoutePreview> {
    const entity = readRouteYaml(input.yaml);
    const { calls, previews, rights } = this.#options;
    await rights.mayRead(toRoute(entity).name, credentials);
    const among = await calls.visible(
      credentials,
      'see what recent calls would have cost',
    );
    return previews.preview(entity, input.days ?? 7, among);
  }

  async #summaries(
    routes: GatewayRoute[],
    credentials: BackstageCredentials,
  ): Promise<RouteSummary[]> {
    const { declared, directory, owners, rights, store } = this.#options;
    const [writer, edits] = await Promise.all([
      rights.writer(credentials),
      store.byNames(routes.map(({ name }) => name)),
    ]);
    const ownersByName = await owners.ofAll(routes, edits);
    return Promise.all(
      routes.map(async route => {
        const ownerRefs = ownersByName.get(route.name) ?? [];
        return toRouteSummary(route, {
          directory,
          ownerRef: ownerRefs[0],
          inCatalog: declared.isInCatalog(route.name),
          edit: edits.get(route.name),
          mayEdit: writer.allows({ name: route.name, ownerRefs }),
        });
      }),
    );
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
  rights: RouteRights;
  owners: RouteOwners;
  calls: CallRights;
  auditor: AuditorService;
}
