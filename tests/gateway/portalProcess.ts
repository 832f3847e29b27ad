// The model service as it is embedded in a portal: the same plugin behind the web
// server that Backstage sets up. Of the rest of the portal there is nothing.
import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();

backend.add(import('@agentportal/plugin-models-backend'));

backend.start();
