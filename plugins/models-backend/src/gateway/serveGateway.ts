import type { ModelGateway } from '@agentportal/model-gateway';
import type {
  HttpRouterService,
  LoggerService,
  RootConfigService,
  RootLifecycleService,
} from '@backstage/backend-plugin-api';
import { Router } from 'express';
import type { ModelsConfig } from '../config/readModelsConfig';
import { createDoor } from './createDoor';

const PATHS = ['/openai/v1', '/anthropic/v1'];

/**
 * Serves model calls. These routes come before all others and see the raw
 * request, because they stream and must not have their bodies parsed.
 */
export function serveGateway(options: {
  gateway: ModelGateway<any>;
  limits: ModelsConfig['limits'];
  config: RootConfigService;
  httpRouter: HttpRouterService;
  logger: LoggerService;
  rootLifecycle: RootLifecycleService;
}): void {
  const { config, gateway, httpRouter, limits, logger, rootLifecycle } =
    options;
  const router = Router();
  router.use(
    PATHS,
    createDoor({ limits, config, rootLifecycle, logger }).enter,
  );
  router.use('/openai/v1', (request, response) => {
    void gateway.handle(request, response);
  });
  router.use('/anthropic/v1', (request, response) => {
    // Anthropic's clients send what they have, a key or a Backstage token, in a
    // header of their own.
    const key = request.headers['x-api-key'];
    if (typeof key === 'string' && !request.headers.authorization) {
      request.headers.authorization = `Bearer ${key}`;
    }
    void gateway.handle(request, response, 'anthropic');
  });
  for (const path of PATHS) {
    // The gateway authenticates by itself, to answer in the caller's format.
    httpRouter.addAuthPolicy({ path, allow: 'unauthenticated' });
  }
  httpRouter.use(router);
}
