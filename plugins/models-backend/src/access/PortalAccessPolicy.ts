import {
  type DecidedAgent,
  DEFAULT_MODEL_REF,
} from '@agentportal/plugin-agents-common';
import type {
  AgentDecisions,
  PermissionDecisions,
} from '@agentportal/plugin-agents-node';
import type {
  AccessDecision,
  AccessPolicy,
  AccessRequest,
  Caller,
  DataPolicy,
  GatewayModel,
  ModelDirectory,
} from '@agentportal/model-gateway';
import { modelUsePermission } from '@agentportal/plugin-models-common';
import type { AuditorService } from '@backstage/backend-plugin-api';
import { keyLimits } from '../keys/keyAccess';
import type { ModelResource } from './rules';
import type { BackstageGrant, PortalGrant } from './PortalAuthenticator';

/**
 * A caller may use a model that the permission policy allows and, in a run, that
 * the agent declares: the right of the person and the right of the agent meet. A
 * program with a key may use what the key says, which was checked when it was made. Nobody's
 * data goes where the data policy does not let it.
 */
export class PortalAccessPolicy implements AccessPolicy<PortalGrant> {
  readonly #directory: ModelDirectory;
  readonly #decisions: PermissionDecisions<ModelResource>;
  readonly #agentDecisions: AgentDecisions;
  readonly #auditor: AuditorService;
  readonly #dataPolicy: DataPolicy;

  constructor(options: {
    directory: ModelDirectory;
    decisions: PermissionDecisions<ModelResource>;
    agentDecisions: AgentDecisions;
    auditor: AuditorService;
    dataPolicy: DataPolicy;
  }) {
    this.#directory = options.directory;
    this.#decisions = options.decisions;
    this.#agentDecisions = options.agentDecisions;
    this.#auditor = options.auditor;
    this.#dataPolicy = options.dataPolicy;
  }

  async decide(
    caller: Caller<PortalGrant>,
    request: AccessRequest,
  ): Promise<AccessDecision> {
    const { grant } = caller;
    const refusalOf =
      'key' in grant
        ? keyLimits(grant.key, request)
        : await this.#portalLimits(grant);
    const allowed = new Set<string>();
    const refusals = new Map<string, string>();
    for (const id of request.modelIds) {
      const refusal = refusalOf(id) ?? this.#refusedByDataPolicy(caller, id);
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

  #refusedByDataPolicy(
    { account, settings }: Caller<PortalGrant>,
    id: string,
  ): string | undefined {
    const provider = this.#directory.model(id)?.provider;
    return provider === undefined
      ? undefined
      : this.#dataPolicy.refusal({
          provider,
          account,
          dataClassification: settings?.dataClassification,
        });
  }

  /** For those whom the permission policy knows. */
  async #portalLimits(
    grant: BackstageGrant,
  ): Promise<(id: string) => string | undefined> {
    const { credentials, runContext, token } = grant;
    const { allows } = await this.#decisions.allower(
      modelUsePermission,
      credentials,
      token,
    );
    const refusedByAgent = runContext
      ? this.#agentLimits(runContext.agent)
      : () => undefined;
    return id => {
      const model = this.#directory.model(id);
      return refusedByAgent(id) ?? (model && refusedByPolicy(model, allows));
    };
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
        keyId: caller.account.keyId ?? null,
      },
    });
    await event.fail({ error: new Error(reasons[0]) });
  }

  #agentLimits(agent: DecidedAgent): (id: string) => string | undefined {
    const { modelRef = DEFAULT_MODEL_REF } = agent;
    const routeCandidates = this.#directory
      .resolve(modelRef)
      ?.models.map(({ id }) => id);
    return model => {
      const { allowed, reason } = this.#agentDecisions.model({
        agent,
        model,
        routeCandidates,
      });
      return allowed ? undefined : reason;
    };
  }
}

function refusedByPolicy(
  model: GatewayModel,
  allows: (model: GatewayModel) => boolean,
): string | undefined {
  return allows(model)
    ? undefined
    : `The permission policy does not let you use ${model.id} (models.model.use). Ask the people who run the portal.`;
}
