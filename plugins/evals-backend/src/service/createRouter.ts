import {
  createOpenApiRouter,
  jsonBody,
  type OperationHandlers,
} from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { spec } from '../schema/openapi.generated';

/** The text of a data set has two million characters at most. */
const MAX_BODY = '4mb';

/** The REST API, of the handlers of all rooms. */
export function createRouter(options: {
  httpAuth: HttpAuthService;
  handlers: OperationHandlers<EvalsOperations>;
}) {
  return createOpenApiRouter<EvalsOperations>({
    spec,
    httpAuth: options.httpAuth,
    handlers: options.handlers,
    middleware: [jsonBody(MAX_BODY)],
  });
}
