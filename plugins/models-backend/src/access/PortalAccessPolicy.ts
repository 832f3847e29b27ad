import type {
  AccessDecision,
  AccessPolicy,
  AccessRequest,
  Caller,
  GatewayModel,
  ModelDirectory,
} from '@agentportal/model-gateway';
import { modelUsePermission } from '@agentportal/plugin-models-common';
import type { AuditorService } from '@backstage/backend-plugin-api';
import type { AgentAccounts } from '../catalog/AgentAccounts';
import type { ModelDecisions } from './ModelDecisions';
import type { PortalGrant } from './PortalAuthenticator';

/**
 * A caller may use a model that the permission policy allows and, in a run, that
 * the agent declares: the right of the person and the right of the agent meet.
 */
export class PortalAccessPolicy implements AccessPolicy<PortalGrant> {
  readonly #directory: ModelDirectory;
  readonly #decisions: ModelDecisions;
  readonly #accounts: AgentAccounts;
  readonly #auditor: AuditorService;

  constructor(options: {
    directory: ModelDirectory;
    decisions: ModelDecisions;
    accounts: AgentAccounts;
    auditor: AuditorService;
  }) {
    this.#directory = options.directory;
    this.#decisions = options.decisions;
    this.#accounts = options.accounts;
    this.#auditor = options.auditor;
  }

  async decide(
    caller: Caller<PortalGrant>,
    request: AccessRequest,
  ): Promise<AccessDecision> {
    const { credentials, runContext, token } = caller.grant;
    const allows = await this.#decisions.allower(
      modelUsePermission,
      credentials,
      token,
    );
    const refusedByAgent = runContext
      ? await this.#agentLimits(runContext.agentRef)
      : () => undefined;
    const allowed = new Set<string>();
    const refusals = new Map<string, string>();
    for (const id of request.modelIds) {
      const model = this.#directory.model(id);
      const refusal =
        refusedByAgent(id) ?? (model && refusedByPolicy(model, allows));
      if (refusal) {
        refusals.set(id, refusal);
      } else {
        allowed.add(id);
      }
    }
    if (allowed.size === 0 && request.modelIds.length > 0) {
      await this.#recordDenial(caller, request, [...refusals.values()]);
    }
    return { allowed, refusals };
  }

  async #recordDenial(
    caller: Caller<PortalGrant>,
    request: AccessRequest,
    reasons: string[],
  ): Promise<void> {
    const event = await this.#auditor.createEvent({
      eventId: 'model-access',
      severityLevel: 'medium',
      meta: {
        route: request.route ?? null,
        models: request.modelIds.slice(0, 20),
        userRef: caller.account.userRef ?? null,
        agentRef: caller.account.agentRef ?? null,
        runId: caller.account.runId ?? null,
      },
    });
    await event.fail({ error: new Error(reasons[0]) });
  }

  async #agentLimits(
    agentRef: string,
  ): Promise<(id: string) => string | undefined> {
    const agent = await this.#accounts.account(agentRef);
    if (!agent) {
      return () =>
        `${agentRef} is not an agent in the catalog, so no model is called for it.`;
    }
    const { modelRef } = agent;
    const declared = new Set(
      this.#directory.resolve(modelRef)?.models.map(model => model.id),
    );
    return id =>
      declared.has(id)
        ? undefined
        : `${agentRef} declares ${modelRef}, which ${id} is not part of; its owner can change spec.model.`;
  }
}

function refusedByPolicy(
  model: GatewayModel,
  allows: (model: GatewayModel) => boolean,
): string | undefined {
  return allows(model)
    ? undefined
    : `The permission policy does not let you use ${model.id}.`;
}
