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

/**
 * The audit log, for every plugin of the portal. It is written by the plugin
 * `governance`, over HTTP, wherever that runs. Where `governance.audit.enabled` is
 * false nothing is recorded and nothing waits.
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
        rootLifecycle: coreServices.rootLifecycle,
      },
      factory({ auth, config, discovery, rootLifecycle }) {
        if (config.getOptionalBoolean('governance.audit.enabled') === false) {
          return { record: async () => {} };
        }
        const client = new GovernanceClient({ discoveryApi: discovery });
        const log = new BatchedAuditLog(async records => {
          const { token } = await auth.getPluginRequestToken({
            onBehalfOf: await auth.getOwnServiceCredentials(),
            targetPluginId: 'governance',
          });
          await client.recordEntries(records, {
            token,
            signal: AbortSignal.timeout(FLUSH_MS),
          });
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
