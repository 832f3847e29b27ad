import { decodeCursor, principalOf } from '@agentportal/plugin-agents-node';
import type {
  CallOutcome,
  ComplexityCalibrationSummary,
  ModelsPage,
} from '@agentportal/plugin-models-common';
import type {
  ComplexityTier,
  ModelDirectory,
} from '@agentportal/model-gateway';
import type {
  AuditorService,
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { ConflictError, NotFoundError } from '@backstage/errors';
import { z } from 'zod/v4';
import type { CallRights } from '../access/CallRights';
import { audited } from '../api/audited';
import { DEFAULT_LIMIT, toPage } from '../api/page';
import { findCall, type FoundCall } from '../ledger/calls';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import type { CalibrationStore } from './CalibrationStore';
import type { OutcomeStore } from './OutcomeStore';

/** The tenant of calls that no agent with an owner makes. */
const DEFAULT_TENANT = 'default';

/** What a candidate of a route by complexity is trusted with that says nothing. */
const UNTOLD: ComplexityTier = 'medium';

const afterTenant = z.object({ after: z.string() });

/** What callers say of answers, and what routing has learned from it. */
export class ComplexityApi {
  readonly #ledger: DatabaseCallLedger;
  readonly #directory: ModelDirectory;
  readonly #calls: CallRights;
  readonly #outcomes: OutcomeStore;
  readonly #calibrations: CalibrationStore;
  readonly #userInfo: UserInfoService;
  readonly #auditor: AuditorService;

  constructor(options: {
    ledger: DatabaseCallLedger;
    directory: ModelDirectory;
    calls: CallRights;
    outcomes: OutcomeStore;
    calibrations: CalibrationStore;
    userInfo: UserInfoService;
    auditor: AuditorService;
  }) {
    this.#ledger = options.ledger;
    this.#directory = options.directory;
    this.#calls = options.calls;
    this.#outcomes = options.outcomes;
    this.#calibrations = options.calibrations;
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
    const call = await findCall(this.#ledger, callId);
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
    const tier = this.#tierOf(call);
    const unused = whyUnused(call, tier);
    if (!unused) {
      await this.#outcomes.put(
        {
          callId,
          tenant: call.ownerRef ?? DEFAULT_TENANT,
          complexity: call.complexity!,
          tier: tier!,
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
    const among = await this.#calls.visible(
      credentials,
      'see what routing has learned of the calls of teams',
    );
    const limit = query.limit ?? DEFAULT_LIMIT;
    const found = await this.#calibrations.page({
      among,
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
    call: FoundCall,
    credentials: BackstageCredentials,
  ): Promise<boolean> {
    const principal = principalOf(credentials);
    if (principal.type !== 'user') {
      // Plugins, such as one that grades the answers of agents.
      return this.#calls.maySee(call, credentials);
    }
    if (call.userRef === principal.userEntityRef) {
      return true;
    }
    if (
      call.ownerRef === undefined ||
      !(await this.#calls.maySee(call, credentials))
    ) {
      return false;
    }
    const { ownershipEntityRefs } = await this.#userInfo.getUserInfo(
      credentials,
    );
    return ownershipEntityRefs.includes(call.ownerRef);
  }

  /** What the model that answered is trusted with by its route. */
  #tierOf(call: FoundCall): ComplexityTier | undefined {
    const route = call.route
      ? this.#directory.resolve(call.route)?.route
      : undefined;
    const candidate = route?.candidates.find(
      ({ model }) => this.#directory.model(model)?.id === call.model,
    );
    return (
      candidate &&
      (candidate.tier ??
        (route?.strategy === 'complexity' ? UNTOLD : undefined))
    );
  }
}

function whyUnused(
  call: FoundCall,
  tier: ComplexityTier | undefined,
): string | undefined {
  if (call.complexity === undefined) {
    return 'Routing learns nothing from it, because the model was asked for by name and the request was not rated.';
  }
  return tier
    ? undefined
    : 'Routing learns nothing from it, because the route does not say for which tier of requests the model is meant.';
}
