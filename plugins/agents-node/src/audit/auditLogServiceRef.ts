import { GovernanceClient } from '@agentportal/plugin-governance-common';
import {
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import type { AuditLog } from './AuditLog';
import { BatchedAuditLog } from './BatchedAuditLog';

/** How long a shutdown waits for what has not been recorded yet. */
const FLUSH_MS = 5_000;
/** How long one request may take before it is sent again. */
const SEND_MS = 8_000;

/**
 * The audit log, for every plugin of the portal. It is written by the plugin
 * `governance`, over HTTP, wherever that runs. Where the configuration has no
 * `governance.audit`, without which that plugin does not start, there is no log:
 * nothing is recorded and nothing waits.
 *
 * @public
 */
export const auditLogServiceRef = createServiceRef<AuditLog>({
  id: 'agentportal.auditLog',
  scope: 'plugin',
  defaultFactory: async service =>
    createServiceFactory({
      service,
      deps: {
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        logger: coreServices.logger,
        rootLifecycle: coreServices.rootLifecycle,
      },
      factory({ auth, config, discovery, logger, rootLifecycle }) {
        if (!config.has('governance.audit')) {
          return { record: async () => {}, note: async () => {} };
        }
        const client = new GovernanceClient({ discoveryApi: discovery });
        const log = new BatchedAuditLog({
          logger,
          send: async records => {
            const { token } = await auth.getPluginRequestToken({
              onBehalfOf: await auth.getOwnServiceCredentials(),
              targetPluginId: 'governance',
            });
            await client.recordEntries(records, {
              token,
              signal: AbortSignal.timeout(SEND_MS),
            });
          },
        });
        rootLifecycle.addBeforeShutdownHook(() =>
          Promise.race([
            log.flush(),
            new Promise<void>(resolve => {
              setTimeout(resolve, FLUSH_MS).unref();
            }),
          ]),
        );
        return log;
      },
    }),
});
