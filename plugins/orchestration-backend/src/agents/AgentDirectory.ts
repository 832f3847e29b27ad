import {
  type AgentEntity,
  fullRefOf,
  isAgentEntity,
  type NewDelegation,
} from '@agentportal/plugin-agents-common';
import type { AgentIdentities } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  getCompoundEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { type AgentRuntimes, LANGGRAPH } from '../execution/runtimes';
import { type AgentSnapshot, agentTitle, refsOf } from './snapshot';

/** Looks agents up in the catalog, with the caller's rights. */
export class AgentDirectory {
  readonly #catalog: CatalogService;
  readonly #runtimes: AgentRuntimes;
  readonly #identities: AgentIdentities;

  constructor(
    catalog: CatalogService,
    runtimes: AgentRuntimes,
    identities: AgentIdentities,
  ) {
    this.#catalog = catalog;
    this.#runtimes = runtimes;
    this.#identities = identities;
  }

  /** The agent as it is now; throws when it cannot be run. */
  async loadRunnable(
    ref: string,
    credentials: BackstageCredentials,
    { isRehearsal = false } = {},
  ): Promise<AgentSnapshot> {
    const agentRef = normaliseAgentRef(ref);
    const entity = await this.#catalog.getEntityByRef(agentRef, {
      credentials,
    });
    if (!entity || !isAgentEntity(entity)) {
      throw new NotFoundError(
        `There is no agent ${agentRef} in the catalog, or you may not see it.`,
      );
    }
    const snapshot = toSnapshot(entity);
    const reason =
      this.#whyNotRunnable(snapshot) ??
      (isRehearsal ? this.#runtimes.whyNotRehearsed(snapshot) : undefined);
    if (reason) {
      throw new ConflictError(reason);
    }
    return snapshot;
  }

  /**
   * The bounds of an agent that starts a run of another one in its own name: what it hands
   * on is no more than it has.
   *
   * @throws NotAllowedError when its owner does not let it
   */
  async boundsOf(
    starterRef: string,
    agentRef: string,
    credentials: BackstageCredentials,
  ): Promise<Pick<NewDelegation, 'autonomy' | 'dataClass'>> {
    const party = await this.#identities.resolve(credentials);
    if (party.type !== 'agent' || !party.agent.handoffs?.includes(agentRef)) {
      throw new NotAllowedError(
        `${starterRef} may not hand work to ${agentRef}. Its owner can add it to spec.handoffs.`,
      );
    }
    const { autonomy, dataClassification: dataClass } = party.agent;
    return { autonomy, ...(dataClass && { dataClass }) };
  }

  /** The agents that an agent may hand work to, of those that can be run now. */
  async loadHandoffs(
    agent: AgentSnapshot,
    credentials: BackstageCredentials,
  ): Promise<AgentSnapshot[]> {
    const { items } = await this.#catalog.getEntitiesByRefs(
      { entityRefs: refsOf(agent).handoffs },
      { credentials },
    );
    return items
      .filter(entity => entity !== undefined)
      .filter(isAgentEntity)
      .map(toSnapshot)
      .filter(other => !this.#whyNotRunnable(other));
  }

  /** Those of some refs of which there is nothing in the catalog for these credentials. */
  async missing(
    entityRefs: string[],
    credentials: BackstageCredentials,
  ): Promise<Set<string>> {
    const { items } = await this.#catalog.getEntitiesByRefs(
      { entityRefs, fields: ['kind'] },
      { credentials },
    );
    return new Set(entityRefs.filter((_, i) => !items[i]));
  }

  #whyNotRunnable(agent: AgentSnapshot): string | undefined {
    const reason = whyNotRunnable(agent);
    const unfit = reason ? undefined : this.#runtimes.whyNot(agent);
    return unfit
      ? `${agentTitle(agent)} ${unfit}. Its owner is ${agent.spec.owner}.`
      : reason;
  }
}

function toSnapshot(entity: AgentEntity): AgentSnapshot {
  const owner = entity.relations?.find(r => r.type === RELATION_OWNED_BY);
  return {
    ref: stringifyEntityRef(getCompoundEntityRef(entity)),
    name: entity.metadata.name,
    title: entity.metadata.title,
    description: entity.metadata.description,
    ownerRef: owner?.targetRef,
    spec: entity.spec,
  };
}

/** Writes a ref in full and in lower case; refuses what is no agent. */
export function normaliseAgentRef(text: string): string {
  const ref = fullRefOf(text, 'Agent');
  if (!ref) {
    throw new InputError(
      `"${text}" is not the ref of an agent, and only agents can be run. Write it like agent:default/order-desk.`,
    );
  }
  return ref;
}

function whyNotRunnable(agent: AgentSnapshot): string | undefined {
  const title = agentTitle(agent);
  const { lifecycle, framework, type } = agent.spec;
  if (lifecycle === 'suspended') {
    return `${title} is suspended, so it cannot be run. Its owner (${agent.spec.owner}) can put it back to work by changing its lifecycle.`;
  }
  if (lifecycle === 'retired') {
    return `${title} is retired and is not run any more. Choose another agent.`;
  }
  if (type === 'external' && (framework ?? LANGGRAPH) === LANGGRAPH) {
    return `${title} runs outside this portal, and the portal does not know how to call it. Its owner can say so by spec.framework: a2a and spec.a2a.cardUrl.`;
  }
  if (type === 'workflow' && !agent.spec.workflow) {
    return `${title} is a workflow without nodes. Its owner (${agent.spec.owner}) can write them into spec.workflow.`;
  }
  return undefined;
}
