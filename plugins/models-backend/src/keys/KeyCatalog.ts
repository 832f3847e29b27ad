import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  RELATION_PART_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { InputError, stringifyError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { LRUCache } from 'lru-cache';

const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** What the catalog tells of those whom keys belong to. */
export class KeyCatalog {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #domains = new LRUCache<string, { ref?: string }>({
    max: MAX_REMEMBERED,
    ttl: REMEMBER_MS,
  });

  constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  /** Reads the owner of a key as people write it. */
  async owner(text: string): Promise<string> {
    const ref = readRef('ownerRef', text, ['group', 'user']);
    await this.#existing('ownerRef', ref);
    return ref;
  }

  /** Reads the system of a key, with those who own it. */
  async system(text: string): Promise<{ ref: string; ownerRefs: string[] }> {
    const ref = readRef('systemRef', text, ['system']);
    const system = await this.#existing('systemRef', ref);
    return {
      ref,
      ownerRefs: relatedTo(system, RELATION_OWNED_BY),
    };
  }

  /** The domain of a system, from memory where it can. */
  domainOf(
    systemRef: string,
  ): string | undefined | Promise<string | undefined> {
    const known = this.#domains.get(systemRef);
    return known ? known.ref : this.#lookUpDomain(systemRef);
  }

  async #lookUpDomain(systemRef: string): Promise<string | undefined> {
    const system = await this.#entity(systemRef);
    const ref =
      system &&
      relatedTo(system, RELATION_PART_OF).find(
        each => parseEntityRef(each).kind === 'domain',
      );
    this.#domains.set(systemRef, { ref });
    return ref;
  }

  async #existing(field: string, ref: string): Promise<Entity> {
    const entity = await this.#entity(ref);
    if (!entity) {
      throw new InputError(
        `The catalog has no ${ref}; \`${field}\` must be one of its entities.`,
      );
    }
    return entity;
  }

  async #entity(ref: string): Promise<Entity | undefined> {
    return this.#catalog.getEntityByRef(ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
  }
}

function relatedTo(entity: Entity, type: string): string[] {
  return (entity.relations ?? [])
    .filter(relation => relation.type === type)
    .map(relation => relation.targetRef);
}

function readRef(field: string, text: string, kinds: string[]): string {
  let ref;
  try {
    ref = parseEntityRef(text, {
      defaultKind: kinds[0],
      defaultNamespace: 'default',
    });
  } catch (error) {
    throw new InputError(
      `\`${field}\` must be an entity ref: ${stringifyError(error)}`,
    );
  }
  if (!kinds.includes(ref.kind.toLocaleLowerCase('en-US'))) {
    throw new InputError(
      `\`${field}\` must be a ${kinds.join(' or a ')}, and ${text} is not.`,
    );
  }
  return stringifyEntityRef(ref);
}
