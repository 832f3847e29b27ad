import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { NotFoundError } from '@backstage/errors';
import { AllowedHosts } from './AllowedHosts';
import { logMasked } from './maskedLogs';
import { takeTurns } from './takeTurns';

/**
 * Backstage's web server with four things more: it answers only to its own host names, it says that it is
 * alive before it does anything else, secrets in addresses do not reach the log of requests, and an address
 * that nobody serves gets an answer with words.
 */
export const portalRootHttpRouter = rootHttpRouterServiceFactory({
  configure({ app, applyDefaults, config, healthRouter, middleware, server }) {
    app.use(AllowedHosts.fromConfig(config).middleware());
    app.use(healthRouter);
    app.use(takeTurns(server));
    const { logging } = middleware;
    middleware.logging = () => logMasked(logging.call(middleware));
    middleware.notFound = () => (req, _res, next) =>
      next(
        new NotFoundError(`There is nothing at ${req.method} ${req.path} here`),
      );
    applyDefaults();
  },
});
