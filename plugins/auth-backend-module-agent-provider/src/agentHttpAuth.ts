import {
  agentIdentitiesServiceRef,
  isAgentPrincipal,
} from '@agentportal/plugin-agents-node';
import { DefaultHttpAuthService } from '@backstage/backend-defaults/httpAuth';
import {
  type AuthService,
  type BackstageCredentials,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';

/** Each plugin's tasks, which Backstage lets anybody who is signed in start and cancel. */
const TASKS = /^\/api\/[^/]+\/\.backstage\/scheduler\//i;

/** How long a token that was found good is not looked at again, unless it ends before. */
const REMEMBER_MS = 2_000;

/**
 * Backstage's `httpAuth`, as it is by default but for agents: who was suspended, whose
 * work has ended or whose token was revoked is refused by every plugin, also by those
 * that ask for no permission and were not written for agents. And the tasks of plugins,
 * such as deleting what is old, are started and cancelled by services alone: Backstage asks
 * nobody for a permission there. Add it to the backend like a plugin:
 * `backend.add(agentHttpAuth)`.
 *
 * @public
 */
export const agentHttpAuth = createServiceFactory({
  service: coreServices.httpAuth,
  deps: {
    auth: coreServices.auth,
    discovery: coreServices.discovery,
    identities: agentIdentitiesServiceRef,
    plugin: coreServices.pluginMetadata,
  },
  factory({ auth, discovery, identities, plugin }) {
    const httpAuth = DefaultHttpAuthService.create({
      auth: remembering(auth),
      discovery,
      pluginId: plugin.getId(),
    });
    return {
      async credentials(request, options) {
        const credentials = await httpAuth.credentials(request, options);
        if (
          request.method !== 'GET' &&
          TASKS.test(request.originalUrl) &&
          !auth.isPrincipal(credentials, 'service')
        ) {
          throw new NotAllowedError(
            'Tasks of plugins are started and cancelled by services only. Ask the people who run the portal.',
          );
        }
        if (isAgentPrincipal(credentials)) {
          await identities.resolve(credentials, {
            authorization: request.headers.authorization,
          });
        }
        return credentials;
      },
      issueUserCookie: (response, options) =>
        httpAuth.issueUserCookie(response, options),
    };
  },
});

/** Whoever calls often comes with one token, and a signature costs as much as a question. */
function remembering(auth: AuthService): AuthService {
  const known = new Map<string, BackstageCredentials>();
  return {
    async authenticate(token, options) {
      const key = `${options?.allowLimitedAccess ?? false} ${token}`;
      const found = known.get(key);
      if (
        found &&
        (!found.expiresAt || found.expiresAt.getTime() > Date.now())
      ) {
        return found;
      }
      const credentials = await auth.authenticate(token, options);
      known.set(key, credentials);
      setTimeout(() => known.delete(key), REMEMBER_MS).unref();
      return credentials;
    },
    isPrincipal: (credentials, type): credentials is never =>
      auth.isPrincipal(credentials, type),
    getNoneCredentials: () => auth.getNoneCredentials(),
    getOwnServiceCredentials: () => auth.getOwnServiceCredentials(),
    getPluginRequestToken: options => auth.getPluginRequestToken(options),
    getLimitedUserToken: credentials => auth.getLimitedUserToken(credentials),
    listPublicServiceKeys: () => auth.listPublicServiceKeys(),
  };
}
