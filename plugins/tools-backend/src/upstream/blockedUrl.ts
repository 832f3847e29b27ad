import { UpstreamError } from './UpstreamError';

/** Why the gateway does not call a host inside of the operator's own network. */
export function privateHost(host: string): UpstreamError {
  return blockedUrl(
    `${host} has a private, loopback or link-local address; if that is meant, the operator can name it in tools.servers of app-config, or in tools.allowedHosts for servers of trusted locations`,
  );
}

/** An address that the gateway does not call. */
export function blockedUrl(reason: string): UpstreamError {
  return new UpstreamError(
    'blocked_url',
    `the gateway does not call it: ${reason}`,
  );
}
