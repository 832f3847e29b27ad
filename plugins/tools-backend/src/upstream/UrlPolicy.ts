import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { UpstreamError } from './UpstreamError';

/**
 * Addresses that answer with the credentials of the machine itself on most
 * clouds. A catalog entity is a claim that many people can write, so it must
 * not be able to point the gateway there.
 */
const LOCAL_ADDRESSES = new BlockList();
LOCAL_ADDRESSES.addSubnet('169.254.0.0', 16, 'ipv4');
LOCAL_ADDRESSES.addSubnet('fe80::', 10, 'ipv6');
LOCAL_ADDRESSES.addAddress('fd00:ec2::254', 'ipv6');

/** Decides which URLs of the catalog the gateway may call. */
export class UrlPolicy {
  readonly #allowedHosts?: string[];
  readonly #ownBaseUrls: () => Promise<string[]>;

  constructor(options: {
    allowedHosts?: string[];
    /** Where this plugin itself is served; calling it would never end. */
    ownBaseUrls: () => Promise<string[]>;
  }) {
    this.#allowedHosts = options.allowedHosts?.map(host => host.toLowerCase());
    this.#ownBaseUrls = options.ownBaseUrls;
  }

  /**
   * Reads a URL of the catalog.
   *
   * @throws UpstreamError with the code `blocked_url` when it may not be called.
   */
  async check(text: string): Promise<URL> {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw blocked(`"${text}" is not an http or https URL`);
    }
    if (url.username || url.password) {
      throw blocked(
        'the URL holds a password; put it into tools.servers.<name>.headers of app-config',
      );
    }
    for (const own of await this.#ownBaseUrls()) {
      if (isBelow(url.href, own)) {
        throw blocked('this is the gateway itself');
      }
    }
    if (this.#allowedHosts?.some(pattern => matchesHost(url, pattern))) {
      return url;
    }
    if (this.#allowedHosts) {
      throw blocked(
        `${url.host} is not among tools.allowedHosts of app-config`,
      );
    }
    // A name could change its address between this look-up and the request.
    // Who needs more than this lists the hosts.
    if (await isLocal(url.hostname)) {
      throw blocked(
        `${url.host} has a link-local address, where clouds keep credentials; list it in tools.allowedHosts of app-config if that is meant`,
      );
    }
    return url;
  }
}

/** Whether a URL is a base URL or below it: `/api/tools2` is not below `/api/tools`. */
export function isBelow(url: string, baseUrl: string): boolean {
  const base = baseUrl.replace(/\/+$/, '');
  return (
    url.startsWith(base) &&
    (url.length === base.length || /^[/?#]/.test(url.slice(base.length)))
  );
}

function blocked(reason: string) {
  return new UpstreamError(
    'blocked_url',
    `the gateway does not call it: ${reason}`,
  );
}

function matchesHost(url: URL, pattern: string): boolean {
  const host =
    pattern.includes(':') && !pattern.endsWith(']') ? url.host : url.hostname;
  return pattern.startsWith('*.')
    ? host.endsWith(pattern.slice(1))
    : host === pattern;
}

async function isLocal(hostname: string): Promise<boolean> {
  const name = hostname.replace(/^\[|\]$/g, '');
  if (isIP(name)) {
    return isLocalAddress(name);
  }
  try {
    const addresses = await lookup(name, { all: true });
    return addresses.some(({ address }) => isLocalAddress(address));
  } catch {
    // Not ours to tell: the request itself fails with a better reason, or
    // goes through a proxy that knows the name.
    return false;
  }
}

function isLocalAddress(address: string): boolean {
  return LOCAL_ADDRESSES.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
