import { randomUUID } from 'node:crypto';
import { principalOf } from '@agentportal/plugin-agents-node';
import type {
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { isError, stringifyError } from '@backstage/errors';
import {
  AuthorizeResult,
  type Permission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import type { PolicyUnderTest } from './checkPolicy';
import type { Company } from './company';
import { allowsSomething, isWithin } from './decisions';
import { forge } from './forgeries';
import { type Asker, type Event, EXPIRED, type History } from './history';
import { type KnownWork, Reference } from './Reference';
import type { AgentRows, NewWork } from './rows/AgentRows';
import type { PortalServices } from './PortalServices';
import type { AskedIdentities } from './AskedIdentities';

const DENY: PolicyDecision = { result: AuthorizeResult.DENY };
const REFUSALS = ['NotAllowedError', 'InputError', 'NotFoundError'];
const HOUR_SECONDS = 3_600;

interface Parts {
  company: Company;
  rows: AgentRows;
  services: PortalServices;
  identities: AskedIdentities;
  counts: {
    asked: number;
    allowed: number;
    refusedTokens: number;
    handedOn: number;
    failed: number;
    lastError?: string;
  };
  makePolicy: PolicyUnderTest['policy'];
  userInfo: UserInfoService;
  actingUserInfo: UserInfoService;
}

/** Plays histories against one policy, and throws at the first thing that must not be. */
export class Play {
  readonly #parts: Parts;
  #policy!: PermissionPolicy;
  #reference = new Reference([]);

  static async create(parts: Parts): Promise<Play> {
    const play = new Play(parts);
    play.#policy = await parts.makePolicy({
      identities: parts.identities,
      decisions: parts.services.decisions,
      userInfo: parts.userInfo,
      actingUserInfo: parts.actingUserInfo,
      auth: parts.services.auth,
    });
    return play;
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  async perform({ agents, events }: History): Promise<void> {
    const { rows, company } = this.#parts;
    await rows.begin(agents);
    this.#reference = new Reference(agents);
    for (const event of events) {
      await this.#happen(event);
    }
    for (const [i, work] of this.#reference.work.entries()) {
      await this.#askAsWork(
        work,
        company.permissions[i % company.permissions.length],
      );
    }
  }

  async #happen(event: Event): Promise<void> {
    const { rows, company } = this.#parts;
    const reference = this.#reference;
    switch (event.type) {
      case 'delegate':
        return this.#delegate({
          agentRef: event.agent,
          personRef: event.person,
          ...event.terms,
          expiresAt: rows.now() + event.terms.life,
        });
      case 'handOff': {
        const parent = this.#work(event.from);
        return (
          parent &&
          this.#delegate({
            agentRef: event.agent,
            personRef: event.person,
            parentId: parent.id,
            ...event.terms,
            ...(event.terms.life && {
              expiresAt: rows.now() + event.terms.life,
            }),
          })
        );
      }
      case 'end': {
        const work = this.#work(event.work);
        if (work) {
          work.ended = true;
          await rows.end(work.id);
        }
        return undefined;
      }
      case 'suspend':
      case 'resume':
        reference[event.type](event.agent);
        return rows[event.type](event.agent);
      case 'grant':
      case 'withdraw':
        reference[event.type](event.agent, event.permission);
        return rows[event.type](event.agent, event.permission);
      case 'wait':
        return rows.wait(event.ms);
      default:
        return this.#ask(event.as, company.permissions[event.permission]);
    }
  }

  async #delegate({
    life: _,
    ...wanted
  }: NewWork & { life?: number }): Promise<void> {
    const { rows, counts } = this.#parts;
    try {
      const made = await rows.delegate(wanted);
      counts.handedOn += wanted.parentId ? 1 : 0;
      const wrong = this.#reference.note(wanted, made, rows.now());
      demand(!wrong, wrong!);
    } catch (error) {
      if (!isError(error) || !REFUSALS.includes(error.name)) {
        throw error;
      }
    }
  }

  async #ask(as: Asker, permission: Permission): Promise<void> {
    switch (as.type) {
      case 'work': {
        const work = this.#work(as.work);
        return work && this.#askAsWork(work, permission);
      }
      case 'agent':
        return this.#askAsAgent(as.agent, permission);
      case 'unknown':
        return this.#askAsNobody(permission);
      default:
        return this.#show(as);
    }
  }

  /** Person ∩ agent ∩ task. */
  async #askAsWork(work: KnownWork, permission: Permission): Promise<void> {
    const { agentRef, personRef, ref } = work;
    const decision = await this.#decideAbout(ref, permission);
    if (!decision) {
      return;
    }
    const { rows } = this.#parts;
    demand(
      this.#reference.isLive(work, rows.now()),
      `${permission.name} is allowed to ${agentRef} for work that has ended, or whose agents are stopped`,
    );
    const half = await this.#halfOf(agentRef, permission);
    demand(
      isWithin(decision, half, permission),
      `${permission.name} is allowed to ${agentRef} beyond what the agent itself may`,
    );
    if (personRef) {
      const theirs = await this.#decide(
        await this.#credentialsOf(personRef),
        permission,
      );
      demand(
        isWithin(decision, theirs, permission),
        `${permission.name} is allowed to ${agentRef} beyond what ${personRef} may, for whom it acts`,
      );
    }
  }

  async #askAsAgent(agentRef: string, permission: Permission): Promise<void> {
    const decision = await this.#decideAbout(agentRef, permission);
    if (!decision) {
      return;
    }
    demand(
      this.#reference.mayActAlone(agentRef),
      `${permission.name} is allowed to ${agentRef}, which may not act alone`,
    );
    const half = await this.#halfOf(agentRef, permission);
    demand(
      isWithin(decision, half, permission),
      `${permission.name} is allowed to ${agentRef} beyond its grants`,
    );
  }

  async #askAsNobody(permission: Permission): Promise<void> {
    const ref = `delegation:default/${randomUUID()}`;
    const decision = await this.#decideAbout(ref, permission);
    this.#parts.services.forget(ref);
    demand(
      !decision,
      `${permission.name} is allowed to a delegation that was never written`,
    );
  }

  async #show(as: Extract<Asker, { type: 'forged' }>): Promise<void> {
    const { services, counts } = this.#parts;
    const token =
      as.forgery === EXPIRED
        ? await services.sign(as.subject, HOUR_SECONDS)
        : await forge(as.forgery, {
            token: await services.of(
              this.#work(as.work)?.ref ?? 'user:default/somebody',
            ).token,
            subject: as.subject,
            publicKey: services.publicKey,
          });
    const believed = await services
      .check(token)
      .then(principalOf, () => undefined);
    demand(
      !believed,
      `a token with ${as.forgery} is taken for one of ${as.subject}`,
    );
    counts.refusedTokens += 1;
  }

  /** What the policy allows to somebody, if anything. */
  async #decideAbout(
    ref: string,
    permission: Permission,
  ): Promise<PolicyDecision | undefined> {
    const { counts } = this.#parts;
    const decision = await this.#decide(
      await this.#credentialsOf(ref),
      permission,
    );
    counts.asked += 1;
    if (!allowsSomething(decision, permission)) {
      return undefined;
    }
    counts.allowed += 1;
    return decision;
  }

  async #halfOf(
    agentRef: string,
    permission: Permission,
  ): Promise<PolicyDecision> {
    const { identities } = this.#parts;
    identities.half = this.#reference.describe(agentRef);
    try {
      return await this.#decide(
        await this.#credentialsOf(agentRef),
        permission,
      );
    } finally {
      identities.half = undefined;
    }
  }

  /** As the permission plugin asks. Where a policy fails, the framework allows nothing. */
  async #decide(
    credentials: BackstageCredentials,
    permission: Permission,
  ): Promise<PolicyDecision> {
    const info = await this.#parts.userInfo.getUserInfo(credentials);
    return this.#policy
      .handle({ permission }, { credentials, info })
      .catch(error => {
        this.#parts.counts.failed += 1;
        this.#parts.counts.lastError = stringifyError(error);
        return DENY;
      });
  }

  #credentialsOf(ref: string): Promise<BackstageCredentials> {
    return this.#parts.services.of(ref).credentials;
  }

  #work(number: number): KnownWork | undefined {
    const { work } = this.#reference;
    return work[number % Math.max(1, work.length)];
  }
}

function demand(holds: boolean, sentence: string): asserts holds {
  if (!holds) {
    throw new Error(`${sentence}.`);
  }
}
