import type { AgentRows, NewWork } from '@agentportal/agent-conformance';
import type { AgentEntity } from '@agentportal/plugin-agents-common';
import {
  type ActingParty,
  type ActiveAgent,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { NotAllowedError } from '@backstage/errors';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import { Delegations } from '../delegations/Delegations';
import { DelegationStore } from '../delegations/DelegationStore';
import { GrantStore } from '../grants/GrantStore';
import { AgentRecords } from '../identities/AgentRecords';
import { StateStore } from '../identities/StateStore';
import { agent } from './portal';

const BY = 'user:default/owner';

/** The rows of this plugin, as the conformance kit plays with them. */
export class PortalRows implements AgentRows {
  readonly #knex: Knex;
  readonly #states: StateStore;
  readonly #grants: GrantStore;
  readonly #records: AgentRecords;
  readonly #delegations: Delegations;
  #entities: AgentEntity[] = [];
  #now = Date.now();

  readonly identities: AgentRows['identities'] = {
    resolve: credentials => this.#resolve(credentials),
    watch: () => () => {},
  };

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#states = new StateStore(knex);
    this.#grants = new GrantStore(knex);
    this.#records = new AgentRecords({
      catalog: catalogServiceMock.mock({
        getEntitiesByRefs: ({ entityRefs }) =>
          Promise.resolve({
            items: entityRefs.map(ref =>
              this.#entities.find(
                ({ metadata }) => ref === `agent:default/${metadata.name}`,
              ),
            ),
          }),
      }),
      auth: mockServices.auth(),
      states: this.#states,
      grants: this.#grants,
      sponsorGraceDays: 7,
    });
    this.#delegations = new Delegations({
      store: new DelegationStore(knex),
      records: this.#records,
      states: this.#states,
      now: () => this.#now,
    });
  }

  async begin(agents: Parameters<AgentRows['begin']>[0]): Promise<void> {
    for (const table of ['agent_delegations', 'agent_grants', 'agent_states']) {
      await this.#knex(table).delete();
    }
    this.#entities = agents.map(({ ref, identity, autonomy, handoffs }) =>
      agent(ref.split('/')[1], {
        identity,
        autonomy,
        handoffs: [...handoffs],
      }),
    );
  }

  async delegate({ expiresAt, tools, ...work }: NewWork) {
    const made = await this.#delegations.create({
      ...work,
      ...(tools && { tools: [...tools] }),
      ...(expiresAt !== undefined && {
        expiresAt: new Date(expiresAt).toISOString(),
      }),
      startedBy: work.personRef ?? work.agentRef,
      taskId: randomUUID(),
    });
    return { ...made, expiresAt: Date.parse(made.expiresAt) };
  }

  async end(workId: string): Promise<void> {
    await this.#delegations.end(workId, 'Enough.');
  }

  async suspend(agentRef: string): Promise<void> {
    await this.#states.suspend(
      agentRef,
      { by: BY, reason: 'Enough.' },
      this.#now,
    );
  }

  async resume(agentRef: string): Promise<void> {
    const row = (await this.#states.byRefs([agentRef])).get(agentRef);
    await this.#states.resume(agentRef, row, { suspended_at: null });
  }

  async grant(agentRef: string, permission: string): Promise<void> {
    await this.#grants.add({
      id: randomUUID(),
      agent_ref: agentRef,
      permission,
      origin: null,
      granted_by: BY,
      reason: 'It needs it.',
      created_at: this.#now,
      expires_at: null,
      revoked_at: null,
      revoked_by: null,
    });
  }

  async withdraw(agentRef: string, permission: string): Promise<void> {
    const active = await this.#grants.activeByAgent([agentRef], this.#now);
    for (const grant of active.get(agentRef) ?? []) {
      if (grant.permission === permission) {
        await this.#grants.revoke(grant.id, BY, this.#now);
      }
    }
  }

  now(): number {
    return this.#now;
  }

  wait(ms: number): void {
    this.#now += ms;
  }

  async #resolve(credentials: BackstageCredentials): Promise<ActingParty> {
    const principal = principalOf(credentials);
    if (principal.type !== 'user') {
      return principal;
    }
    const { userEntityRef: ref } = principal;
    if (ref.startsWith('agent:')) {
      const record = (await this.#records.read([ref], this.#now)).get(ref)!;
      const identity = this.#records.identityOf(record, this.#now);
      if (!identity.inOwnName.allowed) {
        throw new NotAllowedError(identity.inOwnName.reason);
      }
      return { type: 'agent', agentRef: ref, agent: identity as ActiveAgent };
    }
    if (!ref.startsWith('delegation:')) {
      return { type: 'person', personRef: ref };
    }
    const [delegation] = await this.#delegations.query([ref.split('/')[1]]);
    if (delegation?.state !== 'active') {
      throw new NotAllowedError(delegation?.reason ?? `There is no ${ref}.`);
    }
    const { agent: acting, agentRef, personRef } = delegation;
    return {
      type: 'agent',
      agentRef,
      agent: acting as ActiveAgent,
      ...(personRef && { personRef }),
      delegation,
    };
  }
}
