import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import express from 'express';

/** The two operations of the tools plugin that this one asks, over real HTTP. */
export function toolsPlugin(
  tools: object[],
  recorded: () => unknown[] = () => [],
) {
  return createBackendPlugin({
    pluginId: 'tools',
    register(env) {
      env.registerInit({
        deps: { router: coreServices.httpRouter },
        async init({ router }) {
          const app = express.Router();
          app.get('/tools', (_req, res) => {
            res.json({ items: tools, totalItems: tools.length });
          });
          app.get('/calls/recorded', (_req, res) => {
            res.json({ items: recorded() });
          });
          router.use(app);
        },
      });
    },
  });
}
