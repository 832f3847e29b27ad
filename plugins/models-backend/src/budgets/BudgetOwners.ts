import type { AuthService } from '@backstage/backend-plugin-api';
import { RELATION_OWNED_BY } from '@backstage/catalog-model';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { BudgetScope } from './budget';

const REMEMBER_MS = 30_000;
const MAX_REMEMBERED = 10_000;

/**
 * Who answers for what a budget applies to. A person does not for their own
 * budget, nor does anybody but the administrators for that of the organisation
 * or of a run.
 */
export class BudgetOwners {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #modelRefOf: (gatewayId: string) => string;
  readonly #remembered = new Map<
    string,
    { until: number; owners: Promise<string[]> }
  >();

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    modelRefOf: (gatewayId: string) => string;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#modelRefOf = options.modelRefOf;
  }

  /** Entity refs of groups and users. */
  async ownersOf(scope: BudgetScope): Promise<string[]> {
    switch (scope.type) {
      case 'owner':
        return [scope.ref];
      case 'agent':
      case 'system':
      case 'domain':
        return this.#ownersOfEntity(scope.ref);
      case 'model':
        return this.#ownersOfEntity(this.#modelRefOf(scope.ref));
      default:
        return [];
    }
  }

  #ownersOfEntity(ref: string): Promise<string[]> {
    const now = Date.now();
    const known = this.#remembered.get(ref);
    if (known && known.until > now) {
      return known.owners;
    }
    if (this.#remembered.size >= MAX_REMEMBERED) {
      this.#remembered.clear();
    }
    const owners = this.#lookUp(ref);
    this.#remembered.set(ref, { until: now + REMEMBER_MS, owners });
    owners.catch(() => this.#remembered.delete(ref));
    return owners;
  }

  async #lookUp(ref: string): Promise<string[]> {
    const entity = await this.#catalog.getEntityByRef(ref, {
      credentials: await this.#auth.getOwnServiceCredentials(),
    });
    return (entity?.relations ?? [])
      .filter(relation => relation.type === RELATION_OWNED_BY)
      .map(relation => relation.targetRef);
  }
}
