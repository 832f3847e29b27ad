import { NotFoundError } from '@backstage/errors';
import type { AgentsConfig } from '../config';
import type { CredentialStore } from '../credentials/CredentialStore';
import type { DelegationStore } from '../delegations/DelegationStore';
import type { AgentRecord, AgentRecords } from '../identities/AgentRecords';
import { sponsorOf } from '../identities/StateStore';
import type { Requirement } from './ApprovalRecord';
import { type MatrixFacts, refsOf, type RoleHolders, ruleFor } from './matrix';
import { canBeReached } from './quorum';

/** What is known of an agent's request before anybody is asked. */
export interface Asked {
  agent: AgentRecord;
  toolOwner?: string;
  /** People who must not decide it. */
  excluded: string[];
}

/** Knows who has to approve what, and who must not. */
export class Approvers {
  readonly #records: AgentRecords;
  readonly #delegations: DelegationStore;
  readonly #credentials: CredentialStore;
  readonly #config: AgentsConfig['approvals'];

  constructor(options: {
    records: AgentRecords;
    delegations: DelegationStore;
    credentials: CredentialStore;
    config: AgentsConfig['approvals'];
  }) {
    this.#records = options.records;
    this.#delegations = options.delegations;
    this.#credentials = options.credentials;
    this.#config = options.config;
  }

  /** @throws NotFoundError */
  async agent(agentRef: string, now: number): Promise<AgentRecord> {
    const agent = (await this.#records.read([agentRef], now)).get(agentRef)!;
    if (!agent.entity) {
      throw new NotFoundError(`There is no ${agentRef} that can be read.`);
    }
    return agent;
  }

  /** Who answers for an agent, or for a tool that it calls; they see what it asks. */
  concernedBy(agent: AgentRecord, toolOwner?: string): string[] {
    const holders = this.#holders(agent, toolOwner);
    return [
      holders['agent-owner'],
      holders['tool-owner'],
      holders.sponsor,
      this.#config.breakGlass?.onCall,
    ].flatMap(ref => ref ?? []);
  }

  /**
   * Those for whom it is done; where it is done for nobody, whoever answers for the agent.
   * And those who began it, by themselves or with a credential of an agent.
   */
  async excludedFrom(
    agent: AgentRecord,
    personRef: string | undefined,
    delegationId: string | undefined,
    now: number,
  ): Promise<string[]> {
    const found = await this.#delegations.byIds(
      delegationId ? [delegationId] : [],
    );
    const begun = [...found.values()];
    // Also whoever began the work that this one is part of.
    const before = await this.#delegations.byIds(
      begun.flatMap(({ ancestors }) => ancestors.map(([id]) => id)),
    );
    const starters = [...begun, ...before.values()].map(
      ({ started_by }) => started_by,
    );
    const programs = [
      ...starters.filter(ref => ref.startsWith('agent:')),
      ...(personRef ? [] : [agent.ref]),
    ];
    const forWhom = [
      personRef ?? this.#holders(agent).sponsor,
      ...starters.filter(ref => ref.startsWith('user:')),
      // Whoever holds a credential can be the program that asks.
      ...(await this.#credentials.makers(programs, now)),
    ];
    return [...new Set(forWhom.flatMap(ref => ref ?? []))];
  }

  /** Who has to approve, as the matrix says. */
  async requirementFor(
    facts: MatrixFacts,
    { agent, toolOwner, excluded }: Asked,
  ): Promise<Requirement> {
    const { matrix, escalateTo } = this.#config;
    const rule = ruleFor(matrix, {
      lifecycle: agent.entity?.spec.lifecycle,
      ...facts,
    });
    const holders = this.#holders(agent, toolOwner);
    const operators = rule?.escalateTo
      ? refsOf(rule.escalateTo, holders)
      : escalateTo;
    return this.reachable(
      {
        refs: rule ? refsOf(rule.approvers, holders) : operators,
        quorum: rule?.quorum ?? 1,
        differentGroups: rule?.differentGroups ?? false,
        expiresAfterMs: (rule?.expiresAfterMinutes ?? 1_440) * 60_000,
        onExpiry: rule?.onExpiry ?? 'reject',
        escalateTo: operators,
      },
      excluded,
    );
  }

  /** Where those who were meant are gone or must not decide, others are asked as well. */
  async reachable(
    requirement: Requirement,
    excluded: string[],
  ): Promise<Requirement> {
    const { refs, escalateTo } = requirement;
    const members = await this.#records.membersOf(refs);
    return canBeReached({ ...requirement, excluded, members })
      ? requirement
      : { ...requirement, refs: [...new Set([...refs, ...escalateTo])] };
  }

  #holders(agent: AgentRecord, toolOwner?: string): RoleHolders {
    return {
      'agent-owner': agent.refs?.owner,
      'tool-owner': toolOwner,
      sponsor: sponsorOf(agent.refs?.sponsor, agent.row, agent.origin),
      operators: this.#config.escalateTo,
    };
  }
}

/** How an agent is named in a sentence. */
export function titleOf({ ref, entity }: AgentRecord): string {
  return entity?.metadata.title ?? ref;
}
