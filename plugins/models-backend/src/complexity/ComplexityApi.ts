import type {
  CallOutcome,
  ComplexityCalibrationSummary,
  ModelsPage,
} from '@agentportal/plugin-models-common';
import { costReadPermission } from '@agentportal/plugin-models-common';
import type {
  AuditorService,
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  NotAllowedError,
  NotFoundError,
} from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { z } from 'zod/v4';
import { audited } from '../api/audited';
import { mayNot, nameOf } from '../api/caller';
import { decodeCursor, encodeCursor } from '../api/cursor';
import type { AnsweredCall, AnsweredCalls } from './AnsweredCalls';
import type { CalibrationStore } from './CalibrationStore';
import type { OutcomeStore } from './OutcomeStore';
import { DEFAULT_TENANT } from './tenant';

const DEFAULT_LIMIT = 25;

const afterTenant = z.object({ after: z.string() });

/** What callers say of answers, and what routing has learned from it. */
export class ComplexityApi {
  readonly #calls: AnsweredCalls;
  readonly #outcomes: OutcomeStore;
  readonly #calibrations: CalibrationStore;
  readonly #permissions: PermissionsService;
  readonly #auditor: AuditorService;

  constructor(options: {
    calls: AnsweredCalls;
    outcomes: OutcomeStore;
    calibrations: CalibrationStore;
    permissions: PermissionsService;
    auditor: AuditorService;
  }) {
    this.#calls = options.calls;
    this.#outcomes = options.outcomes;
    this.#calibrations = options.calibrations;
    this.#permissions = options.permissions;
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
    const own = call?.userRef && call.userRef === nameOf(credentials);
    if (!own && !(await this.#mayReadCosts(credentials))) {
      // Whoever may not look at the calls of others does not learn of them either.
      throw new NotAllowedError(
        `You have made no call ${callId}. For the calls of others, ask for the permission ${costReadPermission.name}.`,
      );
    }
    if (!call) {
      throw new NotFoundError(
        `There is no call ${callId}; take the id from the header x-agent-portal-call-id of the answer.`,
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
    const items = found.slice(0, limit);
    return {
      items: items.map(({ calibratedAt, thresholds, ...rest }) => ({
        ...rest,
        thresholds: {
          simple: thresholds[0],
          medium: thresholds[1],
          complex: thresholds[2],
        },
        calibratedAt: new Date(calibratedAt).toISOString(),
      })),
      ...(found.length > limit && {
        nextCursor: encodeCursor({ after: items[limit - 1].tenant }),
      }),
    };
  }

  async #mayReadCosts(credentials: BackstageCredentials): Promise<boolean> {
    const [decision] = await this.#permissions.authorize(
      [{ permission: costReadPermission }],
      { credentials },
    );
    return decision.result === AuthorizeResult.ALLOW;
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
