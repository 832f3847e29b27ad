import { OAuthError } from '../oauth/OAuthError';

const PLUGIN_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/**
 * For what a token is asked (RFC 8707): the portal as a whole, or the id of the one plugin
 * that shall take it.
 */
export function readResource(
  resource: string | string[] | undefined,
  portalUrl: string,
): string | undefined {
  const asked = [resource ?? []].flat();
  if (asked.length === 0) {
    return undefined;
  }
  const targets = asked.map(one => one.replace(/\/+$/, ''));
  if (targets.every(one => one === portalUrl || one === `${portalUrl}/api`)) {
    return undefined;
  }
  const prefix = `${portalUrl}/api/`;
  const plugin = targets[0].startsWith(prefix)
    ? targets[0].slice(prefix.length).split('/')[0]
    : '';
  if (targets.length === 1 && PLUGIN_ID.test(plugin)) {
    return plugin;
  }
  throw new OAuthError(
    'invalid_target',
    `resource must be ${portalUrl} or one plugin of it, such as ${prefix}tools.`,
  );
}
