import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { NotFoundError } from '@backstage/errors';
import { AllowedHosts } from './AllowedHosts';
import { logMasked } from './maskedLogs';

/**
 * Backstage's web server with three things more: it answers only to its own host names, secrets in
 * addresses do not reach the log of requests, and an address that nobody serves gets an answer with words.
 */
export const portalRootHttpRouter = rootHttpRouterServiceFactory({
  configure({ app, applyDefaults, config, middleware }) {
    app.use(AllowedHosts.fromConfig(config).middleware());
    const { logging } = middleware;
    middleware.logging = () => logMasked(logging.call(middleware));
    middleware.notFound = () => (req, _res, next) =>
      next(
        new NotFoundError(`There is nothing at ${req.method} ${req.path} here`),
      );
    applyDefaults();
  },
});
