import type {
  AgentAccess as AgentAccessReport,
  AgentSettingsChange,
  NewAgentCredential,
  NewAgentGrant,
  CredentialRotation,
  Resumption,
} from '@agentportal/plugin-agents-common';
import {
  type Clearances,
  principalNameOf,
} from '@agentportal/plugin-agents-node';
import { NotFoundError } from '@backstage/errors';
import type { AgentsConfig } from '../config';
import type { Credentials } from '../credentials/Credentials';
import type { Delegations } from '../delegations/Delegations';
import type { Grants } from '../grants/Grants';
import { type AgentRecords, asSeen } from '../identities/AgentRecords';
import { toRecord } from '../identities/StateStore';
import type { Suspensions } from '../identities/Suspensions';
import { type RuleStore, rulesOf } from '../rules/RuleStore';
import type { Settings } from '../settings/Settings';
import { isoIf } from '../store/times';
import type { AgentAccess, CallContext, PageRequest } from './AgentAccess';
import type { ControlProbes } from './ControlProbes';
import { describeAccess } from './describeAccess';

interface DefaultAgentAccessOptions {
  records: AgentRecords;
  suspensions: Suspensions;
  credentials: Credentials;
  grants: Grants;
  delegations: Delegations;
  probes: ControlProbes;
  rules: RuleStore;
  approvals: AgentsConfig['approvals'];
  clearances: Clearances;
  settings: Settings;
}

/** The rights of agents as they are, without a question of who may do what. */
export class DefaultAgentAccess implements AgentAccess {
  readonly #o: DefaultAgentAccessOptions;

  constructor(options: DefaultAgentAccessOptions) {
    this.#o = options;
  }

  async describe(agentRef: string): Promise<AgentAccessReport> {
    const { records } = this.#o;
    const now = Date.now();
    const record = (await records.read([agentRef], now)).get(agentRef)!;
    if (!record.entity || !record.refs) {
      throw new NotFoundError(`There is no ${agentRef} that can be read.`);
    }
    const [tools, texts] = await Promise.all([
      records.tools(record.refs.tools),
      this.#o.rules.all(),
    ]);
    const identity = records.identityOf(record, now);
    const { suspended, orphaned } = toRecord(record.row);
    return {
      agent: asSeen(identity),
      suspended,
      orphaned: orphaned && {
        ...orphaned,
        graceEndsAt: records.graceEndOf(orphaned.since),
      },
      ...(record.row?.sponsor_ref === identity.sponsorRef && {
        sponsorAcceptedAt: isoIf(record.row?.sponsor_accepted_at ?? null),
      }),
      canManage: { credentials: true, suspension: true, grants: true },
      statements: describeAccess({
        agent: record.entity,
        identity,
        suspended,
        grants: record.grants,
        rules: texts.flatMap(text =>
          rulesOf(text).map(rule => ({ text, rule })),
        ),
        tools,
        approvals: this.#o.approvals,
        peopleAreBound: this.#o.clearances.bound,
      }),
    };
  }

  async controls(agentRef: string) {
    return { items: await this.#o.probes.of(agentRef) };
  }

  suspend(agentRef: string, reason: string, context: CallContext) {
    return this.#o.suspensions.suspend(agentRef, reason, nameOf(context));
  }

  resume(agentRef: string, request: Resumption, context: CallContext) {
    return this.#o.suspensions.resume(
      agentRef,
      request,
      nameOf(context),
      context,
    );
  }

  async listCredentials(agentRef: string, page: PageRequest) {
    const origin = await this.#originOf(agentRef);
    return this.#o.credentials.list(agentRef, page, origin);
  }

  async createCredential(
    agentRef: string,
    request: NewAgentCredential,
    context: CallContext,
  ) {
    const origin = await this.#originOf(agentRef);
    const by = nameOf(context);
    return this.#o.credentials.create(agentRef, request, origin, by);
  }

  async rotateCredential(
    agentRef: string,
    id: string,
    request: CredentialRotation,
    context: CallContext,
  ) {
    const origin = await this.#originOf(agentRef);
    const by = nameOf(context);
    return this.#o.credentials.rotate(agentRef, id, request, origin, by);
  }

  revokeCredential(agentRef: string, id: string, context: CallContext) {
    return this.#o.credentials.revoke(agentRef, id, nameOf(context));
  }

  async listGrants(agentRef: string, page: PageRequest) {
    const origin = await this.#originOf(agentRef);
    return this.#o.grants.list(agentRef, page, origin);
  }

  async listGrantable() {
    return { items: await this.#o.grants.grantable() };
  }

  async grant(agentRef: string, request: NewAgentGrant, context: CallContext) {
    const origin = await this.#originOf(agentRef);
    return this.#o.grants.create(agentRef, request, origin, nameOf(context));
  }

  revokeGrant(agentRef: string, id: string, context: CallContext) {
    return this.#o.grants.revoke(agentRef, id, nameOf(context));
  }

  async listDelegations(agentRef: string, page: PageRequest) {
    const { items, ...more } = await this.#o.delegations.live(agentRef, page);
    return {
      ...more,
      items: items.map(each => ({ ...each, agent: asSeen(each.agent) })),
    };
  }

  settings(agentRef: string, revision: string | undefined) {
    return this.#o.settings.get(agentRef, revision);
  }

  changeSettings(
    agentRef: string,
    change: AgentSettingsChange,
    context: CallContext,
  ) {
    return this.#o.settings.change(agentRef, change, nameOf(context));
  }

  listRevisions(agentRef: string, page: PageRequest) {
    return this.#o.settings.history(agentRef, page);
  }

  async #originOf(agentRef: string): Promise<string | null> {
    const records = await this.#o.records.read([agentRef], Date.now());
    return records.get(agentRef)!.origin;
  }
}

function nameOf({ credentials }: CallContext): string {
  // Nobody comes past the router.
  return principalNameOf(credentials) ?? 'unknown';
}
