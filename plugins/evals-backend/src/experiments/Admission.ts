import { isDeepStrictEqual } from 'node:util';
import {
  type AgentsClient,
  fullRefOf,
} from '@agentportal/plugin-agents-common';
import type {
  Candidate,
  ExperimentAdmission,
  StartExperimentRequest,
} from '@agentportal/plugin-evals-common';
import { candidateRunPermission } from '@agentportal/plugin-orchestration-common';
import type {
  AuthService,
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  ResponseError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { Gates } from '../gates/Gates';
import { wellFormed } from '../store/wellFormed';

const TIMEOUT_MS = 10_000;
/** Kinds of agents that have neither instructions nor a model. */
const UNCHANGEABLE = ['external', 'workflow'];

interface AdmissionOptions {
  agents: Pick<AgentsClient, 'getAgent' | 'getPublication'>;
  auth: AuthService;
  catalog: CatalogService;
  gates: Pick<Gates, 'get'>;
  permissions: PermissionsService;
}

/**
 * Decides which candidates real people may get. An experiment changes what an agent is, so it is no way round those
 * who would have to approve the change, nor round the gate of the agent.
 */
export class Admission {
  readonly #o: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#o = options;
  }

  /**
   * @returns the candidate, with the model by its full ref
   * @throws NotAllowedError where people are asked about what the agent becomes, or the caller may not change it
   * @throws ConflictError where the agent has a gate that the candidate has not passed
   */
  async admit(
    credentials: BackstageCredentials,
    agentRef: string,
    request: Pick<StartExperimentRequest, 'candidate' | 'evaluationId'>,
  ): Promise<Candidate> {
    await this.#requireMayChange(credentials, agentRef);
    await this.#requireUnasked(credentials, agentRef);
    const candidate = await this.#known(credentials, request.candidate);
    await this.#requirePassed(
      credentials,
      agentRef,
      candidate,
      request.evaluationId,
    );
    return candidate;
  }

  /** Whether the caller may start one, before there is a candidate; in the words of `admit`. */
  async whetherAny(
    credentials: BackstageCredentials,
    agentRef: string,
  ): Promise<Omit<ExperimentAdmission, 'agentRef'>> {
    const refused = (why: ExperimentAdmission['why'], { message }: Error) => ({
      ...{ allowed: false, needsEvaluation: false, sentence: message, why },
    });
    try {
      await this.#requireMayChange(credentials, agentRef);
    } catch (error) {
      if (error instanceof NotAllowedError) {
        return refused('permission', error);
      }
      throw error;
    }
    try {
      await this.#requireUnasked(credentials, agentRef);
    } catch (error) {
      if (error instanceof NotFoundError) {
        throw error;
      }
      const why =
        (error instanceof NotAllowedError && 'people') ||
        (error instanceof InputError && 'nothing-to-change') ||
        'unknown';
      return refused(why, error as Error);
    }
    const { required } = await this.#o.gates.get(credentials, agentRef);
    return {
      allowed: true,
      needsEvaluation: required,
      sentence: required
        ? 'The agent has a gate: evaluate the candidate first, and start the experiment from its comparison.'
        : 'You may give a changed version to a share of those who ask.',
    };
  }

  /** What people get is changed by those who may change the agent. */
  async #requireMayChange(
    credentials: BackstageCredentials,
    agentRef: string,
  ): Promise<void> {
    const [{ result }] = await this.#o.permissions.authorize(
      [{ permission: candidateRunPermission, resourceRef: agentRef }],
      { credentials },
    );
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `You may not give ${agentRef} other instructions or another model. Ask its owner, or the people who set the permissions of the portal for ${candidateRunPermission.name}.`,
      );
    }
  }

  /** Early and in words; orchestration holds every run to it, whatever is asked here. */
  async #requireUnasked(
    credentials: BackstageCredentials,
    agentRef: string,
  ): Promise<void> {
    const { agent, publication } = await this.#read(credentials, agentRef);
    if (UNCHANGEABLE.includes(agent.type)) {
      throw new InputError(
        `${agentRef} has no instructions and no model that could be others.`,
      );
    }
    if (agent.lifecycle === 'production' && publication.asksPeople !== false) {
      throw new NotAllowedError(
        `People are asked before ${agentRef}, which is in production, gets other instructions or another model, and an experiment would do that without them. Evaluate the candidate, or experiment with an agent that is not in production.`,
      );
    }
  }

  async #read(credentials: BackstageCredentials, agentRef: string) {
    const { namespace, name } = parseEntityRef(agentRef);
    const { agents, auth } = this.#o;
    try {
      const { token } = await auth.getPluginRequestToken({
        onBehalfOf: credentials,
        targetPluginId: 'agents',
      });
      const by = { token, signal: AbortSignal.timeout(TIMEOUT_MS) };
      const [agent, publication] = await Promise.all([
        agents.getAgent(namespace, name, by),
        agents.getPublication(namespace, name, by),
      ]);
      return { agent, publication };
    } catch (error) {
      if (error instanceof ResponseError && error.statusCode === 404) {
        throw new NotFoundError(
          `There is no agent ${agentRef}, or you may not see it.`,
        );
      }
      throw new ServiceUnavailableError(
        'Nobody can say at the moment whether people are asked about this agent. Try again in a minute.',
        error,
      );
    }
  }

  /** A model that nobody knows would fail for the first people who get it. */
  async #known(
    credentials: BackstageCredentials,
    { instructions, model }: Candidate,
  ): Promise<Candidate> {
    if (instructions === undefined && model === undefined) {
      throw new InputError(
        'The candidate is the version in force. Give it other instructions or another model.',
      );
    }
    const written = instructions && wellFormed(instructions);
    if (written !== undefined && !written.trim()) {
      throw new InputError('The instructions of the candidate are empty.');
    }
    if (model === undefined) {
      return { instructions: written };
    }
    const modelRef = fullRefOf(model, 'Model');
    const entity =
      modelRef &&
      (await this.#o.catalog.getEntityByRef(modelRef, { credentials }));
    if (!entity) {
      throw new InputError(
        `The catalog has no model "${model}" that you may see. Write model:default/<name>.`,
      );
    }
    return { ...(written && { instructions: written }), model: modelRef };
  }

  async #requirePassed(
    credentials: BackstageCredentials,
    agentRef: string,
    candidate: Candidate,
    evaluationId: string | undefined,
  ): Promise<void> {
    const gate = await this.#o.gates.get(credentials, agentRef, evaluationId);
    if (!gate.required) {
      return;
    }
    if (!evaluationId) {
      throw new ConflictError(
        `${agentRef} has a gate. Evaluate the candidate, and start the experiment with the evaluation that passes it.`,
      );
    }
    const { model, ...rest } = gate.evaluation?.candidate ?? {};
    const judged = {
      ...rest,
      ...(model && { model: fullRefOf(model, 'Model') }),
    };
    if (!isDeepStrictEqual(judged, candidate)) {
      throw new ConflictError(
        'That evaluation is of another candidate. Evaluate the one that the experiment is to give out.',
      );
    }
    if (!gate.passed) {
      throw new ConflictError(
        `The candidate does not pass the gate of ${agentRef}. ${gate.sentence}`,
      );
    }
  }
}
