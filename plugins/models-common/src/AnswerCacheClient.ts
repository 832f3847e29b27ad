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
import type { AnswerCachePurge, AnswerCacheStats } from './types';

/**
 * Client of the answers that the model service remembers.
 *
 * Every method throws Backstage's `ResponseError` when the server refuses.
 *
 * @public
 */
export class AnswerCacheClient {
  readonly #client: () => Promise<Client<paths>>;

  constructor(options: ModelsClientOptions) {
    this.#client = clientOf(options);
  }

  /** What is remembered now, by agent. Money is in nano-USD. */
  async getAnswerCache(
    query: { agentRef?: string; limit?: number; cursor?: string } = {},
    options?: ModelsRequestOptions,
  ): Promise<AnswerCacheStats> {
    const client = await this.#client();
    return unwrap(
      await client.GET('/cache', { params: { query }, ...init(options) }),
    );
  }

  /** Forgets answers, in every process at once. */
  async purgeAnswerCache(
    of: AnswerCachePurge,
    options?: ModelsRequestOptions,
  ): Promise<{ deleted: number }> {
    const client = await this.#client();
    return unwrap(
      await client.DELETE('/cache', {
        params: { query: 'all' in of ? { all: true } : of },
        ...init(options),
      }),
    );
  }
}
