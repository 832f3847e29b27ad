import {
  AUTONOMY_LEVELS,
  DATA_CLASSIFICATIONS,
  type AgentEntity,
  DEFAULT_DATA_CLASSIFICATION,
  type Delegation,
  type NewDelegation,
} from '@agentportal/plugin-agents-common';
import { parseEntityRef } from '@backstage/catalog-model';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { randomUUID } from 'node:crypto';
import { requireRef } from '../identities/agentRef';
import type { AgentRecord, AgentRecords } from '../identities/AgentRecords';
import type { StateStore } from '../identities/StateStore';
import { iso } from '../store/times';
import type { DelegationStore, StoredDelegation } from './DelegationStore';
import { leastOf, narrowTerms } from './narrowTerms';

/** Work that takes longer needs a new delegation, and so a new look at who asks. */
const MAX_LIFE_MS = 30 * 86_400_000;
/** A chain that is longer is a circle more likely than work. */
const MAX_DEPTH = 10;

/** Writes delegations down and tells what they stand at. */
export class Delegations {
  readonly #store: DelegationStore;
  readonly #records: AgentRecords;
  readonly #states: StateStore;
  readonly #asksPeople: boolean;
  readonly #isUnreviewed: (entity: AgentEntity) => boolean;
  readonly #now: () => number;

  constructor(options: {
    store: DelegationStore;
    records: AgentRecords;
    states: StateStore;
    /** Whether people are asked before agents in production become something else; they are unless given. */
    asksPeople?: boolean;
    /** Of whose file only its author has said that the agent may work by itself. No file unless given. */
    isUnreviewed?: (entity: AgentEntity) => boolean;
    now?: () => number;
  }) {
    this.#store = options.store;
    this.#records = options.records;
    this.#states = options.states;
    this.#asksPeople = options.asksPeople ?? true;
    this.#isUnreviewed = options.isUnreviewed ?? (() => false);
    this.#now = options.now ?? Date.now;
  }

  /**
   * Writes one down.
   *
   * @throws NotAllowedError when the agent may not act like this, in a sentence
   */
  async create(request: NewDelegation): Promise<Delegation> {
    const now = this.#now();
    const agentRef = requireRef('agentRef', request.agentRef, 'Agent');
    const parent = request.parentId
      ? await this.#requireParent(request.parentId)
      : undefined;
    const terms = narrowTerms(
      {
        personRef:
          request.personRef &&
          requireRef('personRef', request.personRef, 'User'),
        autonomy: request.autonomy,
        tools: request.tools?.map(ref => requireRef('tools', ref, 'Tool')),
        dataClass: request.dataClass,
        expiresAt: request.expiresAt
          ? Date.parse(request.expiresAt)
          : undefined,
      },
      parent && { ...parent, expiresAt: Date.parse(parent.expiresAt) },
    );
    if (terms.expiresAt <= now) {
      throw new InputError(
        'expiresAt is over. Give a time that is still to come.',
      );
    }
    if (terms.expiresAt > now + MAX_LIFE_MS) {
      throw new InputError('A delegation may last 30 days at most.');
    }
    const ancestors: StoredDelegation['ancestors'] = parent
      ? [...parent.stored.ancestors, [parent.id, parent.agentRef]]
      : [];
    if (ancestors.length >= MAX_DEPTH) {
      throw new NotAllowedError(
        `The work went through ${MAX_DEPTH} agents already, which is as far as it goes.`,
      );
    }
    const chain = [...ancestors.map(([, ref]) => ref), agentRef];
    const records = await this.#records.read(chain, now);
    const agent = records.get(agentRef)!;
    const ownership = await this.#ownershipOf(
      [{ agentRefs: [agentRef], personRef: terms.personRef }],
      records,
    );
    const { allowed, reason } = this.#records.standingOf(agent, now, {
      person: terms.personRef ? ownership(terms.personRef) : undefined,
    });
    if (!allowed) {
      throw new NotAllowedError(reason);
    }
    const isUnasked = !parent && !terms.personRef;
    if (isUnasked && agent.entity && this.#isUnreviewed(agent.entity)) {
      throw new NotAllowedError(
        `${agentRef} does not work by itself: nobody has reviewed its file, which is in a local repository of the portal. Ask those who run the portal to let people be asked (a line of kind publication in agents.approvals.matrix) or to vouch for the repository (agents.trustedLocations), or keep the agent in a repository that is reviewed.`,
      );
    }
    if (
      parent &&
      !records.get(parent.agentRef)?.refs?.handoffs.includes(agentRef)
    ) {
      throw new NotAllowedError(
        `${parent.agentRef} may not hand work to ${agentRef}. Its owner can add it to spec.handoffs.`,
      );
    }
    const id = randomUUID();
    const stored: StoredDelegation = {
      id,
      agent_ref: agentRef,
      person_ref: terms.personRef ?? null,
      started_by: request.startedBy,
      task_id: request.taskId,
      session_id: request.sessionId ?? parent?.sessionId ?? null,
      parent_id: parent?.id ?? null,
      root_id: ancestors[0]?.[0] ?? id,
      depth: ancestors.length,
      ancestors,
      credential_id:
        request.credentialId ?? parent?.stored.credential_id ?? null,
      origin: agent.origin ?? '',
      autonomy: terms.autonomy ?? null,
      tools: terms.tools,
      data_class: terms.dataClass ?? null,
      created_at: now,
      expires_at: terms.expiresAt,
      ended_at: null,
      end_reason: null,
    };
    const definition = await this.#records.heldSpec(agentRef);
    await this.#store.add(stored);
    if (!agent.row?.identity) {
      await this.#states.noteIdentity(
        agentRef,
        agent.entity?.spec.identity ?? 'person',
        now,
      );
    }
    const [delegation] = await this.#describe([stored], now, records);
    return {
      ...delegation,
      ...(definition && { definition, asksPeople: this.#asksPeople }),
    };
  }

  /** Those of some ids that there are, as they stand now. */
  async query(ids: string[]): Promise<Delegation[]> {
    const found = await this.#store.byIds(ids);
    return this.#describe([...found.values()], this.#now());
  }

  /** What an agent works on now, the newest first. */
  async live(agentRef: string, page: { limit: number; cursor?: string }) {
    const now = this.#now();
    const { items, nextCursor } = await this.#store.livePage(
      agentRef,
      page,
      now,
    );
    return {
      items: await this.#describe(items, now),
      ...(nextCursor && { nextCursor }),
    };
  }

  /** Ends one; says whose it was. */
  async end(
    id: string,
    reason: string,
  ): Promise<Pick<Delegation, 'agentRef' | 'personRef' | 'taskId' | 'chain'>> {
    const ended = await this.#store.end(id, reason, this.#now());
    return {
      agentRef: ended.agent_ref,
      ...(ended.person_ref && { personRef: ended.person_ref }),
      taskId: ended.task_id,
      chain: agentsOf(ended),
    };
  }

  async #requireParent(id: string) {
    const stored = (await this.#store.byIds([id])).get(id);
    if (!stored) {
      throw new NotFoundError(`There is no delegation ${id} (parentId).`);
    }
    const [parent] = await this.#describe([stored], this.#now());
    if (parent.state !== 'active') {
      throw new NotAllowedError(
        `The work that this one would be part of is ${parent.state}. ${
          parent.reason ?? ''
        }`.trim(),
      );
    }
    return { ...parent, stored };
  }

  /** By what people own things, asked for where it matters: what is in production works for everybody. */
  #ownershipOf(
    work: Array<{ agentRefs: string[]; personRef?: string | null }>,
    agents: Map<string, AgentRecord>,
  ) {
    return this.#records.ownershipOf(
      work
        .filter(({ agentRefs }) =>
          agentRefs.some(
            ref => agents.get(ref)?.entity?.spec.lifecycle !== 'production',
          ),
        )
        .flatMap(({ personRef }) => personRef ?? []),
    );
  }

  async #describe(
    delegations: StoredDelegation[],
    now: number,
    records?: Map<string, AgentRecord>,
  ): Promise<Delegation[]> {
    const ancestors = await this.#store.byIds(
      delegations.flatMap(each => each.ancestors.map(([id]) => id)),
    );
    const agents =
      records ??
      (await this.#records.read(
        delegations.flatMap(each => agentsOf(each)),
        now,
      ));
    const ownership = await this.#ownershipOf(
      delegations.map(each => ({
        agentRefs: agentsOf(each),
        personRef: each.person_ref,
      })),
      agents,
    );
    return delegations.map(each => {
      const chain = agentsOf(each);
      const agent = agents.get(each.agent_ref)!;
      const specs = chain.map(ref => agents.get(ref)?.entity?.spec);
      const identity = this.#records.identityOf(agent, now);
      // Whoever hands work on passes on no permission that it does not have itself.
      const grants = identity.grants.filter(name =>
        chain.every(ref =>
          agents.get(ref)?.grants.some(({ permission }) => permission === name),
        ),
      );
      const person = each.person_ref ? ownership(each.person_ref) : undefined;
      const inactive =
        endOf(each, ancestors, agents, now) ??
        chain
          .map(ref =>
            this.#records.standingOf(agents.get(ref)!, now, { person }),
          )
          .filter(({ allowed }) => !allowed)
          .map(({ reason }) => ({ state: 'suspended' as const, reason }))[0];
      return {
        id: each.id,
        ref: delegationRef(each),
        agentRef: each.agent_ref,
        agent: { ...identity, grants },
        personRef: each.person_ref ?? undefined,
        startedBy: each.started_by,
        taskId: each.task_id,
        sessionId: each.session_id ?? undefined,
        parentId: each.parent_id ?? undefined,
        chain,
        autonomy:
          leastOf(AUTONOMY_LEVELS, [
            each.autonomy,
            ...specs.map(spec => spec?.autonomy),
          ]) ?? 'copilot',
        tools: each.tools,
        dataClass: leastOf(DATA_CLASSIFICATIONS, [
          each.data_class,
          // An agent that says nothing hands on what it may see itself.
          ...specs.map(
            spec =>
              spec && (spec.dataClassification ?? DEFAULT_DATA_CLASSIFICATION),
          ),
        ]),
        createdAt: iso(each.created_at),
        expiresAt: iso(each.expires_at),
        state: inactive?.state ?? 'active',
        reason: inactive?.reason,
      };
    });
  }
}

/** The agents that the work went through, the first one first. */
function agentsOf(delegation: StoredDelegation): string[] {
  return [
    ...delegation.ancestors.map(([, agentRef]) => agentRef),
    delegation.agent_ref,
  ];
}

function endOf(
  delegation: StoredDelegation,
  ancestors: ReadonlyMap<string, StoredDelegation>,
  agents: ReadonlyMap<string, AgentRecord>,
  now: number,
): { state: 'ended' | 'expired'; reason: string } | undefined {
  const all = [
    delegation,
    ...delegation.ancestors.map(([id]) => ancestors.get(id)),
  ];
  for (const each of all) {
    if (!each || each.ended_at !== null) {
      return {
        state: 'ended',
        reason: each?.end_reason ?? 'The work has ended.',
      };
    }
    if (Number(each.expires_at) <= now) {
      return {
        state: 'expired',
        reason: `The time for the work was over at ${iso(each.expires_at)}.`,
      };
    }
    if (isOfAnother(each, agents.get(each.agent_ref))) {
      return {
        state: 'ended',
        reason: `The work was for another ${each.agent_ref}, whose file was elsewhere. Start it again.`,
      };
    }
  }
  return undefined;
}

/** A name can be taken by somebody else's file; what its agent began cannot. */
function isOfAnother(
  { origin }: StoredDelegation,
  agent: AgentRecord | undefined,
): boolean {
  return (
    origin !== null &&
    agent?.entity !== undefined &&
    origin !== (agent.origin ?? '')
  );
}

/** What the tokens of a delegation have as their subject. */
function delegationRef(delegation: StoredDelegation): string {
  const { namespace } = parseEntityRef(delegation.agent_ref);
  return `delegation:${namespace}/${delegation.id}`;
}
