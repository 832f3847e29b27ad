import { isIP } from 'node:net';
import { readHttpServerOptions } from '@backstage/backend-defaults/rootHttpRouter';
import type { Config } from '@backstage/config';
import { NotAllowedError } from '@backstage/errors';
import type { RequestHandler } from 'express';

/**
 * The host names that the portal answers to. Without them a web page anywhere could point a name of its
 * own at this machine (DNS rebinding) and use the portal as if it came from it. An address cannot be
 * rebound, so all of them are good; load balancers and probes use them.
 */
export class AllowedHosts {
  readonly #names: Set<string>;
  /** What follows the `*` of patterns such as `*.svc.cluster.local`. */
  readonly #suffixes: string[];

  static fromConfig(config: Config): AllowedHosts {
    const { listen } = readHttpServerOptions(
      config.getOptionalConfig('backend'),
    );
    return new AllowedHosts([
      'localhost',
      ...['app.baseUrl', 'backend.baseUrl']
        .map(key => config.getOptionalString(key))
        .filter(url => url !== undefined)
        .map(url => new URL(url).hostname),
      listen.host,
      ...(config.getOptionalStringArray('backend.allowedHosts') ?? []),
    ]);
  }

  private constructor(hosts: string[]) {
    const names = hosts.map(host => host.toLowerCase());
    this.#names = new Set(names.filter(name => name && !name.startsWith('*')));
    this.#suffixes = names
      .filter(name => name.startsWith('*.'))
      .map(name => name.slice(1));
  }

  /** Whether a `Host` header names this portal. */
  allow(header: string | undefined): boolean {
    const address = `http://${header}`;
    if (!header || /[/?#@\\\s]/.test(header) || !URL.canParse(address)) {
      return false;
    }
    const name = new URL(address).hostname.replace(/^\[|\]$|\.$/g, '');
    return (
      isIP(name) !== 0 ||
      this.#names.has(name) ||
      this.#suffixes.some(suffix => name.endsWith(suffix))
    );
  }

  middleware(): RequestHandler {
    return (req, _res, next) =>
      next(
        this.allow(req.headers.host)
          ? undefined
          : new NotAllowedError(
              'This portal does not answer to that host name. Whoever runs it can add the name to backend.allowedHosts.',
            ),
      );
  }
}
