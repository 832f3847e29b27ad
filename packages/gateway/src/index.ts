/**
 * The model gateway as a process of its own: the same plugin as in the portal, on
 * the same database, with nothing beside it. As many as are needed run behind one
 * address.
 */
import { createBackend } from '@backstage/backend-defaults';
import { modelServiceHealth } from '@agentportal/plugin-models-backend';
import { gatewayHttpRouter } from './gatewayHttpRouter';

const backend = createBackend();

backend.add(gatewayHttpRouter);
backend.add(modelServiceHealth);
backend.add(import('@agentportal/plugin-models-backend'));

backend.start();
