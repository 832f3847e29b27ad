import { GatewayError } from '@agentportal/model-gateway';
import { isAgentEntity } from '@agentportal/plugin-agents-common';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  RELATION_PART_OF,
} from '@backstage/catalog-model';
import { LRUCache } from 'lru-cache';
import type { CatalogService } from '@backstage/plugin-catalog-node';

const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** What the calls of an agent are booked on. */
export interface AgentAccount {
  ownerRef?: string;
  systemRef?: string;
  domainRef?: string;
}

/**
 * Looks agents up in the catalog and remembers them for a minute, so that the
 * catalog is not asked on every model call.
 */
export class AgentAccounts {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #remembered = new LRUCache<
    string,
    Promise<AgentAccount | undefined>
  >({ max: MAX_REMEMBERED, ttl: REMEMBER_MS });

  constructor(options: { catalog: CatalogService; auth: AuthService }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
  }

  /** `undefined` when the catalog has no such agent. */
  account(agentRef: string): Promise<AgentAccount | undefined> {
    const known = this.#remembered.get(agentRef);
    if (known) {
      return known;
    }
    const account = this.#lookUp(agentRef);
    this.#remembered.set(agentRef, account);
    const forget = () => this.#remembered.delete(agentRef);
    // A new agent must not wait a minute for its first call.
    account.then(found => found ?? forget(), forget);
    return account;
  }

  async #lookUp(agentRef: string): Promise<AgentAccount | undefined> {
    const agent = await this.#entity(agentRef);
    if (!agent || !isAgentEntity(agent)) {
      return undefined;
    }
    const systemRef = related(agent, RELATION_PART_OF, 'system');
    const system = systemRef && (await this.#entity(systemRef));
    return {
      ownerRef: related(agent, RELATION_OWNED_BY),
      systemRef,
      domainRef: system && related(system, RELATION_PART_OF, 'domain'),
    };
  }

  async #entity(ref: string): Promise<Entity | undefined> {
    try {
      return await this.#catalog.getEntityByRef(ref, {
        credentials: await this.#auth.getOwnServiceCredentials(),
      });
    } catch (error) {
      throw new GatewayError(
        503,
        'catalog_unavailable',
        `The catalog cannot be asked about ${ref} at the moment; try again in a moment.`,
        { retryAfter: '2', cause: error },
      );
    }
  }
}

function related(
  entity: Entity,
  type: string,
  kind?: string,
): string | undefined {
  return entity.relations?.find(
    relation =>
      relation.type === type &&
      (!kind || parseEntityRef(relation.targetRef).kind === kind),
  )?.targetRef;
}
