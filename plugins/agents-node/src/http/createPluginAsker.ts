import type { AuthService } from '@backstage/backend-plugin-api';
import { isError, ServiceUnavailableError } from '@backstage/errors';

/** A token is signed again after this long, and not for each call. */
const TOKEN_USED_FOR_MS = 30_000;

/**
 * Asks another plugin, with a token of ours and an end of patience for the one call.
 *
 * @public
 */
export type PluginAsker = <T>(
  ask: (by: { token: string; signal: AbortSignal }) => Promise<T>,
) => Promise<T>;

/**
 * The one way in which plugins of this portal ask each other in their own name. Only some
 * errors are answers; whatever else goes wrong (it is down, slow, or takes no token of
 * ours) means that nobody knows, which is a ServiceUnavailableError.
 *
 * @public
 */
export function createPluginAsker(options: {
  auth: AuthService;
  /** Which plugin is asked. */
  pluginId: string;
  timeoutMs: number;
  /** What a caller is told when there is no answer. */
  away: string;
  /** Errors that are answers, and are thrown with the words of the plugin. */
  answers?: Array<new (message: string) => Error>;
}): PluginAsker {
  const { auth, pluginId, timeoutMs, away, answers = [] } = options;
  let known: { token: Promise<string>; until: number } | undefined;
  const sign = async () => {
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: pluginId,
    });
    return token;
  };
  return async ask => {
    try {
      if (!known || known.until <= Date.now()) {
        known = { token: sign(), until: Date.now() + TOKEN_USED_FOR_MS };
      }
      const token = await known.token;
      return await ask({ token, signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      // Whatever is wrong, it shall not be the token.
      known = undefined;
      const cause =
        isError(error) && isError(error.cause) ? error.cause : error;
      const Answer =
        isError(cause) && answers.find(({ name }) => name === cause.name);
      throw Answer
        ? new Answer((cause as Error).message)
        : new ServiceUnavailableError(away, error);
    }
  };
}
