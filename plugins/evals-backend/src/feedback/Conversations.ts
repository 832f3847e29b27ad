import {
  OrchestrationClient,
  type Run,
} from '@agentportal/plugin-orchestration-common';
import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  NotAllowedError,
  NotFoundError,
  ResponseError,
  ServiceUnavailableError,
} from '@backstage/errors';

const TIMEOUT_MS = 10_000;

/**
 * Reads conversations from the orchestration plugin as whoever asks, so that nobody reads
 * here what they may not read there.
 */
export class Conversations {
  readonly #auth: AuthService;
  readonly #client: OrchestrationClient;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    this.#auth = options.auth;
    this.#client = new OrchestrationClient({ discoveryApi: options.discovery });
  }

  /**
   * @throws NotFoundError when there is none that the caller may read
   * @throws ServiceUnavailableError when that cannot be found out
   */
  async read(credentials: BackstageCredentials, runId: string): Promise<Run> {
    try {
      const { token } = await this.#auth.getPluginRequestToken({
        onBehalfOf: credentials,
        targetPluginId: 'orchestration',
      });
      return await this.#client.getRun(runId, {
        token,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      if (error instanceof ResponseError && error.statusCode === 404) {
        throw new NotFoundError(`There is no run ${runId} that you may read.`);
      }
      if (error instanceof ResponseError && error.statusCode === 403) {
        throw new NotAllowedError(error.cause.message);
      }
      throw new ServiceUnavailableError(
        'Runs cannot be read at the moment. Try again in a minute.',
        error,
      );
    }
  }
}
