import { GatewayError } from '@agentportal/model-gateway';
import { isAgentEntity } from '@agentportal/plugin-agents-common';
import type {
  ActiveAgent,
  CatalogTrust,
} from '@agentportal/plugin-agents-node';
import type { AuthService } from '@backstage/backend-plugin-api';
import {
  type Entity,
  parseEntityRef,
  RELATION_MEMBER_OF,
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

/** What the catalog says of an agent, and whose word that is. */
interface Declared {
  trusted: boolean;
  system?: { ref: string; owners: string[]; trusted: boolean };
  domain?: { ref: string; owners: string[] };
}

/**
 * Finds out who pays for an agent. Its file may name any owner and any system, so
 * that alone charges nobody: an owner pays for an agent of a trusted location, for
 * one that people have approved as theirs, and for what their own members ask of
 * it; a system or domain pays where its owner does, or a trusted location says so.
 * What the catalog says is remembered for a minute.
 */
export class AgentAccounts {
  readonly #catalog: CatalogService;
  readonly #auth: AuthService;
  readonly #trust: CatalogTrust;
  readonly #declared = remembering<Declared>();
  readonly #groups = remembering<ReadonlySet<string>>();

  constructor(options: {
    catalog: CatalogService;
    auth: AuthService;
    trust: CatalogTrust;
  }) {
    this.#catalog = options.catalog;
    this.#auth = options.auth;
    this.#trust = options.trust;
  }

  /**
   * @param personRef - for whom the agent works
   */
  async account(
    { agentRef, approved, ownerRef }: ActiveAgent,
    personRef: string | undefined,
  ): Promise<AgentAccount> {
    const declared = await recall(this.#declared, agentRef, () =>
      this.#declaredBy(agentRef),
    );
    if (!declared) {
      return {};
    }
    const { domain, system, trusted } = declared;
    const groups =
      personRef && !(trusted && system?.trusted)
        ? await recall(this.#groups, personRef, () => this.#groupsOf(personRef))
        : undefined;
    const speaksFor = (ref: string) =>
      ref === personRef || (groups?.has(ref) ?? false);
    const paying =
      trusted || approved || speaksFor(ownerRef) ? ownerRef : undefined;
    const agrees = (owners: string[]) =>
      owners.some(ref => ref === paying || speaksFor(ref));
    const ofSystem = system && (trusted || agrees(system.owners));
    const ofDomain =
      ofSystem && domain && (system.trusted || agrees(domain.owners));
    return {
      ownerRef: paying,
      ...(ofSystem && { systemRef: system.ref }),
      ...(ofDomain && { domainRef: domain.ref }),
    };
  }

  async #declaredBy(agentRef: string): Promise<Declared | undefined> {
    const agent = await this.#entity(agentRef);
    if (!agent || !isAgentEntity(agent)) {
      return undefined;
    }
    const trusted = this.#trust.trusts(agent);
    const [systemRef] = related(agent, RELATION_PART_OF, 'system');
    const system = systemRef ? await this.#entity(systemRef) : undefined;
    if (!system) {
      return { trusted };
    }
    const [domainRef] = related(system, RELATION_PART_OF, 'domain');
    const ofTrusted = this.#trust.trusts(system);
    // A domain is asked about only where nobody else's word counts.
    const domain =
      domainRef && !ofTrusted ? await this.#entity(domainRef) : undefined;
    return {
      trusted,
      system: {
        ref: systemRef,
        owners: related(system, RELATION_OWNED_BY),
        trusted: ofTrusted,
      },
      ...(domainRef && {
        domain: {
          ref: domainRef,
          owners: domain ? related(domain, RELATION_OWNED_BY) : [],
        },
      }),
    };
  }

  /** Who is not in the catalog is in no group, and is not looked for at each call. */
  async #groupsOf(personRef: string): Promise<ReadonlySet<string>> {
    const person = await this.#entity(personRef);
    return new Set(person && related(person, RELATION_MEMBER_OF));
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

type Remembered<T> = LRUCache<string, Promise<T | undefined>>;

function remembering<T>(): Remembered<T & {}> {
  return new LRUCache({ max: MAX_REMEMBERED, ttl: REMEMBER_MS });
}

/** What is not there is looked for again: a new agent must not wait for its first call. */
function recall<T>(
  remembered: Remembered<T>,
  ref: string,
  lookUp: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const known = remembered.get(ref);
  if (known) {
    return known;
  }
  const found = lookUp();
  remembered.set(ref, found);
  const forget = () => remembered.delete(ref);
  found.then(value => value ?? forget(), forget);
  return found;
}

function related(entity: Entity, type: string, kind?: string): string[] {
  return (entity.relations ?? [])
    .filter(
      relation =>
        relation.type === type &&
        (!kind || parseEntityRef(relation.targetRef).kind === kind),
    )
    .map(({ targetRef }) => targetRef);
}
