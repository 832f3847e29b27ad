import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { NotFoundError } from '@backstage/errors';
import type { RequestHandler } from 'express';
import { AllowedHosts } from './AllowedHosts';
import { maskSecrets } from './maskSecrets';

/** The request log and the audit log both write down `originalUrl`. */
const withoutSecretsInLogs: RequestHandler = (req, _res, next) => {
  req.originalUrl = maskSecrets(req.originalUrl);
  if (req.headers.referer) {
    req.headers.referer = maskSecrets(req.headers.referer);
  }
  next();
};

/**
 * Backstage's web server with three things more: it answers only to its own host names, secrets in
 * addresses do not reach the logs, and an address that nobody serves gets an answer with words.
 */
export const portalRootHttpRouter = rootHttpRouterServiceFactory({
  configure({ app, applyDefaults, config, middleware }) {
    app.use(AllowedHosts.fromConfig(config).middleware());
    app.use(withoutSecretsInLogs);
    middleware.notFound = () => (req, _res, next) =>
      next(
        new NotFoundError(`There is nothing at ${req.method} ${req.path} here`),
      );
    applyDefaults();
  },
});
