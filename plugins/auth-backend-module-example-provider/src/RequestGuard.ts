import type { Config } from '@backstage/config';
import { NotAllowedError } from '@backstage/errors';
import type { Request } from 'express';

/** What a proxy in front of the portal adds; whoever is behind it is not at this machine. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/**
 * Lets a request pass when it comes from a browser on this machine, on a page of the portal, and the
 * portal is not in production. Signing in without a password must be possible nowhere else.
 */
export class RequestGuard {
  /** Why nobody may sign in, whatever the request. */
  readonly #refusal?: string;

  static fromConfig(config: Config): RequestGuard {
    return new RequestGuard(refusalOf(config));
  }

  private constructor(refusal?: string) {
    this.#refusal = refusal;
  }

  /** Throws a NotAllowedError that says what is wrong. */
  check(req: Request): void {
    const refusal = this.#refusal ?? refusalOfRequest(req);
    if (refusal) {
      throw new NotAllowedError(
        `People of the example company cannot sign in: ${refusal}.`,
      );
    }
  }
}

function refusalOf(config: Config): string | undefined {
  if (
    process.env.NODE_ENV === 'production' ||
    config.getOptionalString('auth.environment') === 'production'
  ) {
    return 'this portal runs in production. Configure the sign-in of your company instead';
  }
  const listen = config.getOptional('backend.listen');
  const host =
    typeof listen === 'string'
      ? listen.slice(0, Math.max(listen.lastIndexOf(':'), 0))
      : config.getOptionalString('backend.listen.host');
  if (!isLoopback(host ?? '')) {
    return 'this portal answers other machines too. Set backend.listen.host to 127.0.0.1';
  }
  return undefined;
}

function refusalOfRequest(req: Request): string | undefined {
  if (
    !isLoopback(req.socket.remoteAddress ?? '') ||
    PROXY_HEADERS.some(name => req.headers[name] !== undefined)
  ) {
    return 'the request comes from another machine';
  }
  const host = req.headers.host ?? '';
  if (!URL.canParse(`http://${host}`)) {
    return 'the request names no host';
  }
  if (!isLoopback(new URL(`http://${host}`).hostname)) {
    return `the request is for ${host}, not for localhost`;
  }
  const site = req.headers['sec-fetch-site'];
  if (
    req.headers['x-requested-with'] !== 'XMLHttpRequest' ||
    site === 'cross-site'
  ) {
    return 'the request was not made by a page of the portal, which sends the header x-requested-with: XMLHttpRequest';
  }
  return undefined;
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return (
    name === 'localhost' ||
    name === '::1' ||
    /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  );
}
