import { Readable } from 'node:stream';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { Permission } from '@backstage/plugin-permission-common';
import type { DocumentCollatorFactory } from '@backstage/plugin-search-common';
import type { AgentDocument } from './AgentDocument';

/**
 * Gives search the agents, tools and models of the catalog, each for those who
 * may read its entity.
 *
 * @public
 */
export class AgentsCollatorFactory implements DocumentCollatorFactory {
  readonly type = 'agents';
  readonly visibilityPermission: Permission = catalogEntityReadPermission;
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;

  private constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  static create(options: {
    catalog: CatalogService;
    auth: AuthService;
  }): AgentsCollatorFactory {
    return new AgentsCollatorFactory(options);
  }

  async getCollator(): Promise<Readable> {
    return Readable.from(this.#documents());
  }

  async *#documents(): AsyncGenerator<AgentDocument> {
    const pages = this.#catalog.streamEntities(
      {
        query: {
          $all: [
            { kind: { $in: ['Agent', 'Tool', 'Model'] } },
            { apiVersion: 'agentportal.dev/v1alpha1' },
          ],
        },
        fields: [
          'kind',
          'metadata',
          'relations',
          'spec.type',
          'spec.lifecycle',
          'spec.owner',
          'spec.exampleQuestions',
        ],
        totalItems: 'exclude',
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    for await (const page of pages) {
      yield* page.map(toDocument);
    }
  }
}

function toDocument(entity: Entity): AgentDocument {
  const { metadata, spec = {} } = entity;
  const kind = entity.kind.toLocaleLowerCase('en-US');
  const namespace = metadata.namespace ?? 'default';
  const owner = entity.relations?.find(r => r.type === RELATION_OWNED_BY);
  return {
    title: metadata.title ?? metadata.name,
    text: textOf(entity),
    location: `/catalog/${namespace}/${kind}/${metadata.name}`.replaceAll(
      /[^/]+/g,
      encodeURIComponent,
    ),
    kind: entity.kind,
    namespace,
    name: metadata.name,
    type: String(spec.type ?? ''),
    lifecycle: String(spec.lifecycle ?? ''),
    owner: owner?.targetRef ?? ownerOf(entity),
    authorization: { resourceRef: stringifyEntityRef(entity) },
  };
}

/** The owner as written, for entities whose relations are not there yet. */
function ownerOf(entity: Entity): string {
  const written = entity.spec?.owner;
  if (typeof written !== 'string') {
    return '';
  }
  return stringifyEntityRef(
    parseEntityRef(written, {
      defaultKind: 'Group',
      defaultNamespace: entity.metadata.namespace,
    }),
  );
}

function textOf({ metadata, spec }: Entity): string {
  const questions = spec?.exampleQuestions;
  return [
    metadata.description,
    metadata.name,
    ...(metadata.tags ?? []),
    ...(Array.isArray(questions) ? questions : []),
  ]
    .filter(Boolean)
    .join('\n');
}
