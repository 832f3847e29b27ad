import type {
  CallOutcome,
  ComplexityCalibrationSummary,
  ModelsPage,
} from '@agentportal/plugin-models-common';
import { costReadPermission } from '@agentportal/plugin-models-common';
import type {
  AuditorService,
  AuthService,
  BackstageCredentials,
  PermissionsService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { ConflictError, NotFoundError } from '@backstage/errors';
import { z } from 'zod/v4';
import { hasPermission } from '../access/hasPermission';
import { audited } from '../api/audited';
import { mayNot } from '../api/caller';
import { decodeCursor } from '../api/cursor';
import { DEFAULT_LIMIT, toPage } from '../api/page';
import type { AnsweredCall, AnsweredCalls } from './AnsweredCalls';
import type { CalibrationStore } from './CalibrationStore';
import type { OutcomeStore } from './OutcomeStore';
import { DEFAULT_TENANT } from './tenant';

const afterTenant = z.object({ after: z.string() });

/** What callers say of answers, and what routing has learned from it. */
export class ComplexityApi {
  readonly #calls: AnsweredCalls;
  readonly #outcomes: OutcomeStore;
  readonly #calibrations: CalibrationStore;
  readonly #permissions: PermissionsService;
  readonly #auth: AuthService;
  readonly #userInfo: UserInfoService;
  readonly #auditor: AuditorService;

  constructor(options: {
    calls: AnsweredCalls;
    outcomes: OutcomeStore;
    calibrations: CalibrationStore;
    permissions: PermissionsService;
    auth: AuthService;
    userInfo: UserInfoService;
    auditor: AuditorService;
  }) {
    this.#calls = options.calls;
    this.#outcomes = options.outcomes;
    this.#calibrations = options.calibrations;
    this.#permissions = options.permissions;
    this.#auth = options.auth;
    this.#userInfo = options.userInfo;
    this.#auditor = options.auditor;
  }

  /** Of several outcomes of a call the last holds. */
  async recordOutcome(
    callId: string,
    outcome: { succeeded: boolean; score?: number },
    credentials: BackstageCredentials,
  ): Promise<CallOutcome> {
    return audited(
      this.#auditor,
      {
        eventId: 'model-call-outcome',
        terms: { callId, ...outcome },
        credentials,
      },
      () => this.#record(callId, outcome, credentials),
    );
  }

  async #record(
    callId: string,
    { succeeded, score }: { succeeded: boolean; score?: number },
    credentials: BackstageCredentials,
  ): Promise<CallOutcome> {
    const call = await this.#calls.find(callId);
    if (!call || !(await this.#isOwn(call, credentials))) {
      // Of the calls of others nobody learns here whether there are any.
      throw new NotFoundError(
        `There is no call ${callId} of yours or of an agent of your groups; take the id from the header x-agent-portal-call-id of the answer.`,
      );
    }
    if (!call.answered) {
      throw new ConflictError(
        `No model has answered the call ${callId}, so there is no outcome to tell.`,
      );
    }
    const unused = whyUnused(call);
    if (!unused) {
      await this.#outcomes.put(
        {
          callId,
          tenant: call.ownerRef ?? DEFAULT_TENANT,
          complexity: call.complexity!,
          tier: call.tier!,
          succeeded,
          grade: score,
        },
        Date.now(),
      );
    }
    return {
      callId,
      succeeded,
      score,
      usedForRouting: !unused,
      message:
        unused ??
        'Routing learns from it when the tiers are next calibrated, within an hour.',
    };
  }

  async listCalibrations(
    query: { limit?: number; cursor?: string },
    credentials: BackstageCredentials,
  ): Promise<ModelsPage<ComplexityCalibrationSummary>> {
    if (!(await this.#mayReadCosts(credentials))) {
      throw mayNot(
        'see what routing has learned of the calls of teams',
        costReadPermission.name,
      );
    }
    const limit = query.limit ?? DEFAULT_LIMIT;
    const found = await this.#calibrations.page({
      after: decodeCursor(query.cursor, afterTenant)?.after,
      limit: limit + 1,
    });
    const page = toPage(found, limit, ({ tenant }) => ({ after: tenant }));
    return {
      ...page,
      items: page.items.map(({ calibratedAt, thresholds, ...rest }) => ({
        ...rest,
        thresholds: {
          simple: thresholds[0],
          medium: thresholds[1],
          complex: thresholds[2],
        },
        calibratedAt: new Date(calibratedAt).toISOString(),
      })),
    };
  }

  /** Their outcomes move the tiers of their owner, so its members may tell them. */
  async #isOwn(
    call: AnsweredCall,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    if (!this.#auth.isPrincipal(credentials, 'user')) {
      // Plugins, such as one that grades the answers of agents.
      return this.#mayReadCosts(credentials);
    }
    if (call.userRef === credentials.principal.userEntityRef) {
      return true;
    }
    if (call.ownerRef === undefined) {
      return false;
    }
    const { ownershipEntityRefs } = await this.#userInfo.getUserInfo(
      credentials,
    );
    return ownershipEntityRefs.includes(call.ownerRef);
  }

  #mayReadCosts(credentials: BackstageCredentials): Promise<boolean> {
    return hasPermission(this.#permissions, costReadPermission, credentials);
  }
}

function whyUnused(call: AnsweredCall): string | undefined {
  if (call.complexity === undefined) {
    return 'Routing learns nothing from it, because the model was asked for by name and the request was not rated.';
  }
  return call.tier
    ? undefined
    : 'Routing learns nothing from it, because the route does not say for which tier of requests the model is meant.';
}
