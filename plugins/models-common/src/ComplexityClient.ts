/* eslint-disable new-cap -- openapi-fetch names its methods after the HTTP ones */
import type { Client } from 'openapi-fetch';
import type { paths } from './generated/openapi';
import {
  clientOf,
  init,
  type ModelsClientOptions,
  type ModelsRequestOptions,
  unwrap,
} from './modelsHttp';
import type {
  CallOutcome,
  ComplexityCalibrationSummary,
  ModelsPage,
} from './types';

/**
 * Client of what routes by complexity learn from outcomes.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class ComplexityClient {
  readonly #client: () => Promise<Client<paths>>;

  constructor(options: ModelsClientOptions) {
    this.#client = clientOf(options);
  }

  /**
   * Tells whether the answer to a call was good: of the caller's own calls, and
   * of those of agents that a group of the caller owns.
   *
   * @param callId - from the header `x-agent-portal-call-id` of the answer
   */
  async recordOutcome(
    callId: string,
    outcome: {
      succeeded: boolean;
      /** From 0 to 1. */
      score?: number;
    },
    options?: ModelsRequestOptions,
  ): Promise<CallOutcome> {
    const client = await this.#client();
    return unwrap(
      await client.POST('/calls/{callId}/outcome', {
        params: { path: { callId } },
        body: outcome,
        ...init(options),
      }),
    );
  }

  /** By owner of agents; who is missing has the default. */
  async listCalibrations(
    query: { limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<ModelsPage<ComplexityCalibrationSummary>> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/complexity/calibrations', {
        params: { query },
        ...init(options),
      }),
    );
  }
}
