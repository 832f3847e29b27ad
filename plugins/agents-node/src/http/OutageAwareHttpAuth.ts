import type {
  DiscoveryService,
  HttpAuthService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
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
    const token = /^Bearer +(\S+)$/i.exec(
      request.headers.authorization ?? '',
    )?.[1];
    return token
      ? this.#keys.check(token, attempt =>
          this.#httpAuth.credentials(
            // What Backstage said of the request itself it remembers.
            attempt === 'again' ? Object.create(request) : request,
            options,
          ),
        )
      : this.#httpAuth.credentials(request, options);
  };

  issueUserCookie: HttpAuthService['issueUserCookie'] = (response, options) =>
    this.#httpAuth.issueUserCookie(response, options);
}
