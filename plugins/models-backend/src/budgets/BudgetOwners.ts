import type { AuthService } from '@backstage/backend-plugin-api';
import { RELATION_SPONSORED_BY } from '@agentportal/plugin-agents-common';
import { RELATION_OWNED_BY } from '@backstage/catalog-model';
import { LRUCache } from 'lru-cache';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { BudgetScope } from './budget';

const REMEMBER_MS = 30_000;
const MAX_REMEMBERED = 10_000;

interface Contacts {
  owners: string[];
  sponsors: string[];
}

const NOBODY: Contacts = { owners: [], sponsors: [] };

/**
 * Who answers for what a budget applies to. A person does not for their own
 * budget, nor does anybody but the administrators for that of the organisation
 * or of a run.
 */
export class BudgetOwners {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #modelRefOf: (gatewayId: string) => string;
  readonly #keyOwnerOf: (keyId: string) => Promise<string | undefined>;
  readonly #remembered = new LRUCache<string, Promise<Contacts>>({
    max: MAX_REMEMBERED,
    ttl: REMEMBER_MS,
  });

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    modelRefOf: (gatewayId: string) => string;
    keyOwnerOf?: (keyId: string) => Promise<string | undefined>;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#modelRefOf = options.modelRefOf;
    this.#keyOwnerOf = options.keyOwnerOf ?? (async () => undefined);
  }

  /** Entity refs of groups and users. */
  async ownersOf(scope: BudgetScope): Promise<string[]> {
    return (await this.#of(scope)).owners;
  }

  /** The same where nobody is missed: of what cannot be looked up nobody is known. */
  async knownOwnersOf(scope: BudgetScope): Promise<string[]> {
    return this.ownersOf(scope).catch(() => []);
  }

  /** Owners, and the sponsor of an agent, who is told of its budget too. */
  async contactsOf(scope: BudgetScope): Promise<string[]> {
    const { owners, sponsors } = await this.#of(scope);
    return [...new Set([...owners, ...sponsors])];
  }

  async #of(scope: BudgetScope): Promise<Contacts> {
    switch (scope.type) {
      case 'owner':
        return { owners: [scope.ref], sponsors: [] };
      case 'agent':
      case 'system':
      case 'domain':
        return this.#ofEntity(scope.ref);
      case 'model':
        return this.#ofEntity(this.#modelRefOf(scope.ref));
      case 'key': {
        const owner = await this.#keyOwnerOf(scope.ref);
        return { owners: owner ? [owner] : [], sponsors: [] };
      }
      default:
        return NOBODY;
    }
  }

  #ofEntity(ref: string): Promise<Contacts> {
    const known = this.#remembered.get(ref);
    if (known) {
      return known;
    }
    const contacts = this.#lookUp(ref);
    this.#remembered.set(ref, contacts);
    contacts.catch(() => this.#remembered.delete(ref));
    return contacts;
  }

  async #lookUp(ref: string): Promise<Contacts> {
    const entity = await this.#catalog.getEntityByRef(ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    const targetsOf = (type: string) =>
      (entity?.relations ?? [])
        .filter(relation => relation.type === type)
        .map(relation => relation.targetRef);
    return {
      owners: targetsOf(RELATION_OWNED_BY),
      sponsors: targetsOf(RELATION_SPONSORED_BY),
    };
  }
}
