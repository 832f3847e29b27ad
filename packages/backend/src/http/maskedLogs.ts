import {
  coreServices,
  createServiceFactory,
  type LoggerService,
} from '@backstage/backend-plugin-api';
import type { Request, RequestHandler } from 'express';
import { maskSecrets } from './maskSecrets';

/**
 * Lets a logger of requests see addresses without the secrets in them. The request
 * itself stays as it is: validators and proxies read its address too.
 */
export function logMasked(logging: RequestHandler): RequestHandler {
  return (req, res, next) => {
    const seen: Request = Object.create(req, {
      originalUrl: { value: maskSecrets(req.originalUrl) },
      headers: {
        value: {
          ...req.headers,
          ...(req.headers.referer && {
            referer: maskSecrets(req.headers.referer),
          }),
        },
      },
    });
    logging(seen, res, next);
  };
}

/** The loggers of plugins, which do not write down secrets in addresses that were audited. */
export const maskedPluginLogger = createServiceFactory({
  service: coreServices.logger,
  deps: {
    rootLogger: coreServices.rootLogger,
    plugin: coreServices.pluginMetadata,
  },
  factory: ({ rootLogger, plugin }) =>
    withMaskedRequests(rootLogger.child({ plugin: plugin.getId() })),
});

function withMaskedRequests(logger: LoggerService): LoggerService {
  return {
    error: (message, meta) => logger.error(message, masked(meta)),
    warn: (message, meta) => logger.warn(message, masked(meta)),
    info: (message, meta) => logger.info(message, masked(meta)),
    debug: (message, meta) => logger.debug(message, masked(meta)),
    child: meta => withMaskedRequests(logger.child(masked(meta))),
  };
}

/** The auditor puts the request into the fields of the line. */
function masked<T>(meta: T): T {
  const request = (meta as { request?: { url?: unknown } } | undefined)
    ?.request;
  return typeof request?.url === 'string' && !(meta instanceof Error)
    ? { ...meta, request: { ...request, url: maskSecrets(request.url) } }
    : meta;
}
