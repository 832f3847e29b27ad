import type {
  DiscoveryService,
  HttpAuthService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { TokenKeys } from './TokenKeys';

/**
 * Backstage's `httpAuth`, which also tells a bad token (401) from keys that cannot be had
 * at the moment (503), and looks once more at a token whose key has come meanwhile.
 *
 * @public
 */
export class OutageAwareHttpAuth implements HttpAuthService {
  readonly #httpAuth: HttpAuthService;
  readonly #keys: TokenKeys;

  constructor(options: {
    httpAuth: HttpAuthService;
    discovery: DiscoveryService;
    config: RootConfigService;
  }) {
    this.#httpAuth = options.httpAuth;
    this.#keys = new TokenKeys(options);
  }

  credentials: HttpAuthService['credentials'] = async (request, options) => {
    try {
      return await this.#httpAuth.credentials(request, options);
    } catch (error) {
      const token = /^Bearer +(\S+)$/i.exec(
        request.headers.authorization ?? '',
      )?.[1];
      if (!AuthenticationError.is(error) || !token) {
        throw error;
      }
      switch (await this.#keys.judge(token)) {
        case 'keys are away':
          throw new ServiceUnavailableError(
            'The portal cannot check tokens at the moment, so it cannot tell whether yours is good. Try again in a moment.',
            error,
          );
        case 'try once more':
          // What Backstage said of the request itself it remembers.
          return this.#httpAuth.credentials(Object.create(request), options);
        default:
          throw error;
      }
    }
  };

  issueUserCookie: HttpAuthService['issueUserCookie'] = (response, options) =>
    this.#httpAuth.issueUserCookie(response, options);
}
