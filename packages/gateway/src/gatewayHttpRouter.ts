import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';

/** What this process serves; everything else is the portal's. */
const MODEL_CALLS = ['/api/models/openai', '/api/models/anthropic'];

/**
 * The way in without what only browsers need: no cookies, no CORS, no compression
 * of streams. Nothing but model calls and the health of the process is served.
 */
export const gatewayHttpRouter = rootHttpRouterServiceFactory({
  configure({ app, healthRouter, middleware, routes }) {
    app.disable('x-powered-by');
    app.disable('etag');
    app.use(healthRouter);
    app.use((request, response, next) => {
      const served = MODEL_CALLS.some(path => request.path.startsWith(path));
      (served ? routes : middleware.notFound())(request, response, next);
    });
    app.use(middleware.notFound());
    app.use(middleware.error());
  },
});
