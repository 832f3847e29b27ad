import { agentHttpAuth } from '@agentportal/plugin-auth-backend-module-agent-provider';
import { auditorToAuditLog } from '@agentportal/plugin-governance-backend';
import { createBackend } from '@backstage/backend-defaults';
import { fairSqlite } from './fairSqlite';
import { maskedPluginLogger } from './http/maskedLogs';
import { portalRootHttpRouter } from './http/portalRootHttpRouter';

/** Every plugin of the portal in one backend that has not been started. */
export function createPortal(): ReturnType<typeof createBackend> {
  fairSqlite();
  const backend = createBackend();
  backend.add(portalRootHttpRouter);
  backend.add(maskedPluginLogger);

  backend.add(import('@backstage/plugin-app-backend'));
  backend.add(import('@backstage/plugin-user-settings-backend'));
  backend.add(import('@backstage/plugin-notifications-backend'));
  backend.add(import('@backstage/plugin-signals-backend'));
  backend.add(import('@backstage/plugin-events-backend'));

  backend.add(import('@backstage/plugin-auth-backend'));
  backend.add(import('@backstage/plugin-auth-backend-module-guest-provider'));
  backend.add(
    import('@agentportal/plugin-auth-backend-module-example-provider'),
  );
  // People of a company; idle until auth.providers.oidc is configured, see docs/sign-in.md.
  backend.add(import('@backstage/plugin-auth-backend-module-oidc-provider'));
  backend.add(import('@agentportal/plugin-auth-backend-module-agent-provider'));
  // A suspended agent is refused by plugins too that ask for no permission.
  backend.add(agentHttpAuth);

  backend.add(import('@backstage/plugin-permission-backend'));
  backend.add(
    import('@agentportal/plugin-permission-backend-module-agent-policy'),
  );

  backend.add(import('@backstage/plugin-catalog-backend'));
  backend.add(
    import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),
  );
  // Upstream's model of AI resources: MCP servers are `API` entities of its type.
  backend.add(import('@backstage/plugin-catalog-backend-module-ai-model'));
  backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
  backend.add(import('@agentportal/plugin-catalog-backend-module-agents'));

  backend.add(import('@backstage/plugin-scaffolder-backend'));
  backend.add(import('@backstage/plugin-scaffolder-backend-module-github'));
  backend.add(import('@backstage/plugin-scaffolder-backend-module-gitlab'));
  backend.add(import('@agentportal/plugin-scaffolder-backend-module-agents'));

  backend.add(import('@backstage/plugin-search-backend'));
  // Used on PostgreSQL; on SQLite search keeps its index in memory.
  backend.add(import('@backstage/plugin-search-backend-module-pg'));
  backend.add(import('@backstage/plugin-search-backend-module-catalog'));
  backend.add(import('@agentportal/plugin-search-backend-module-agents'));

  backend.add(import('@backstage/plugin-mcp-actions-backend'));

  backend.add(import('@agentportal/plugin-agents-backend'));
  backend.add(import('@agentportal/plugin-governance-backend'));
  // What every plugin tells the auditor is in the audit log as well.
  backend.add(auditorToAuditLog);
  backend.add(import('@agentportal/plugin-models-backend'));
  backend.add(import('@agentportal/plugin-tools-backend'));
  backend.add(import('@agentportal/plugin-orchestration-backend'));
  backend.add(import('@agentportal/plugin-traces-backend'));
  backend.add(import('@agentportal/plugin-evals-backend'));

  return backend;
}
