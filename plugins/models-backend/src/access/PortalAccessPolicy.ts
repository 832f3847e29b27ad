import {
  builtInLimit,
  type DecidedAgent,
  type Decision,
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
  ModelDirectory,
} from '@agentportal/model-gateway';
import { modelUsePermission } from '@agentportal/plugin-models-common';
import type { AuditorService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
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
        ? limited(
            'key',
            keyLimits(grant.key, request, this.#isVouchedFor(request.route)),
          )
        : await this.#portalLimits(grant);
    const byDataPolicy = limited('data', id =>
      this.#refusedByDataPolicy(caller, id),
    );
    const allowed = new Set<string>();
    const refused = new Map<string, Decision>();
    for (const id of request.modelIds) {
      const refusal = refusalOf(id) ?? byDataPolicy(id);
      if (refusal) {
        refused.set(id, refusal);
      } else {
        allowed.add(id);
      }
    }
    if (allowed.size === 0 && request.modelIds.length > 0) {
      await this.#recordDenial(caller, request, [...refused.values()]);
    }
    return {
      allowed,
      refusals: new Map(
        [...refused].map(([id, { reason }]) => [id, reason] as const),
      ),
    };
  }

  #isVouchedFor(route: string | undefined): boolean {
    return (
      route !== undefined &&
      this.#directory.resolve(route)?.route?.isVouchedFor === true
    );
  }

  #refusedByDataPolicy(
    { account, settings }: Caller<PortalGrant>,
    id: string,
  ): string | undefined {
    const provider = this.#directory.model(id)?.provider;
    const refusal =
      provider !== undefined &&
      this.#dataPolicy.refusal({
        provider,
        account,
        dataClassification: settings?.dataClassification,
      });
    return refusal
      ? `${refusal} Ask the people who run the portal (models.dataPolicy).`
      : undefined;
  }

  /** For those whom the permission policy knows. */
  async #portalLimits(grant: BackstageGrant): Promise<Limits> {
    const { credentials, runContext, token } = grant;
    const { allows } = await this.#decisions.allower(
      modelUsePermission,
      credentials,
      token,
    );
    const refusedByAgent = runContext
      ? this.#agentLimits(runContext.agent)
      : () => undefined;
    const refusedByPolicy = limited('permission', id => {
      const model = this.#directory.model(id);
      return !model || allows(model)
        ? undefined
        : `The permission policy does not let you use ${id} (models.model.use). Ask the people who run the portal.`;
    });
    return id => refusedByAgent(id) ?? refusedByPolicy(id);
  }

  async #recordDenial(
    caller: Caller<PortalGrant>,
    request: AccessRequest,
    refused: Decision[],
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
        ruleIds: [...new Set(refused.flatMap(({ ruleIds }) => ruleIds))],
      },
    });
    await event.fail({ error: new NotAllowedError(refused[0].reason) });
  }

  #agentLimits(agent: DecidedAgent): Limits {
    const { modelRef = DEFAULT_MODEL_REF } = agent;
    const routeCandidates = this.#directory
      .resolve(modelRef)
      ?.models.map(({ id }) => id);
    return model => {
      const decision = this.#agentDecisions.model({
        agent,
        model,
        routeCandidates,
      });
      return decision.allowed ? undefined : decision;
    };
  }
}

/** The refusal of one of some models, if it is refused. */
type Limits = (id: string) => Decision | undefined;

function limited(
  limit: string,
  refusalOf: (id: string) => string | undefined,
): Limits {
  return id => {
    const reason = refusalOf(id);
    return reason === undefined
      ? undefined
      : { allowed: false, reason, ruleIds: [builtInLimit(limit)] };
  };
}
