import type {
  AuthService,
  BackstageCredentials,
  BackstageUserInfo,
  DiscoveryService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError, ResponseError } from '@backstage/errors';
import { z } from 'zod/v4';
import { principalOf } from '../acting/principalOf';
import { createPluginAsker, type PluginAsker } from '../http/createPluginAsker';
import { subjectOfAgent } from './isAgentPrincipal';

const TIMEOUT_MS = 5_000;

const infoSchema = z.object({
  userEntityRef: z.string(),
  ownershipEntityRefs: z.array(z.string()),
});

/**
 * Backstage's `userInfo`, which for a delegation tells of the person that the agent acts
 * for, or of the agent when it acts for nobody. The token of a delegation itself owns
 * nothing but its own name, so that nobody gives an agent what the person may by mistake:
 * use this only where the agent's half is asked for as well.
 *
 * @public
 */
export class ActingUserInfo implements UserInfoService {
  readonly #userInfo: UserInfoService;
  readonly #discovery: DiscoveryService;
  readonly #ask: PluginAsker;

  constructor(options: {
    userInfo: UserInfoService;
    auth: AuthService;
    discovery: DiscoveryService;
  }) {
    this.#userInfo = options.userInfo;
    this.#discovery = options.discovery;
    this.#ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'auth',
      timeoutMs: TIMEOUT_MS,
      away: 'The auth plugin does not answer, so nobody knows what the person owns. Try again in a moment.',
      answers: [NotAllowedError],
    });
  }

  async getUserInfo(
    credentials: BackstageCredentials,
  ): Promise<BackstageUserInfo> {
    const principal = principalOf(credentials);
    const subject =
      principal.type === 'user' && subjectOfAgent(principal.userEntityRef);
    if (!subject || subject.type !== 'delegation') {
      return this.#userInfo.getUserInfo(credentials);
    }
    return this.#ask(async ({ token, signal }) => {
      const auth = await this.#discovery.getBaseUrl('auth');
      const response = await fetch(
        `${auth}/agent/delegations/${subject.id}/ownership`,
        { headers: { authorization: `Bearer ${token}` }, signal },
      );
      if (!response.ok) {
        throw await ResponseError.fromResponse(response);
      }
      return infoSchema.parse(await response.json());
    });
  }
}
