import type {
  LifecycleService,
  LoggerService,
  SchedulerService,
} from '@backstage/backend-plugin-api';
import type { ToolChangeStore } from '../changes/ToolChangeStore';
import type { ToolsConfig } from '../config/readToolsConfig';
import type { GuardFindings } from '../guard/GuardFindings';
import type { ResultGuard } from '../guard/ResultGuard';
import type { ArgumentRecords } from '../ledger/ArgumentRecords';
import type { CallLedger } from '../ledger/CallLedger';
import type { ToolRegistry } from '../registry/ToolRegistry';
import type { ToolSchemas } from '../schemas/ToolSchemas';
import type { UpstreamConnections } from '../upstream/UpstreamConnections';

const SWEEP_MS = 60_000;

/** What happens without anyone asking: visits, cleaning, closing. */
export async function startSchedules(options: {
  scheduler: SchedulerService;
  lifecycle: LifecycleService;
  logger: LoggerService;
  config: ToolsConfig;
  registry: ToolRegistry;
  connections: UpstreamConnections;
  schemas: ToolSchemas;
  ledger: CallLedger;
  argumentRecords: ArgumentRecords;
  guard: ResultGuard;
  guardFindings: GuardFindings;
  changes: ToolChangeStore;
}) {
  const { scheduler, lifecycle, logger, config, registry } = options;

  await scheduler.scheduleTask({
    id: 'refresh-tool-servers',
    // More often than servers are visited: a catalog that is still filling
    // after the first start should not keep anyone waiting. When nothing is due,
    // this reads one row of the plugin's own database.
    frequency: { milliseconds: Math.min(10_000, config.refreshIntervalMs) },
    initialDelay: { seconds: 3 },
    timeout: { minutes: 5 },
    scope: 'global',
    fn: async signal => {
      try {
        await registry.reconcileIfDue(config.refreshIntervalMs, signal);
      } catch (error) {
        logger.warn(
          `Could not read the MCP servers from the catalog; the tools known so far stay. ${error}`,
        );
      }
    },
  });
  await scheduler.scheduleTask({
    id: 'clean-tool-calls',
    frequency: { hours: 6 },
    initialDelay: { minutes: 10 },
    timeout: { minutes: 10 },
    scope: 'global',
    fn: async () => {
      await options.ledger.removeOlderThan(config.callRetentionMs);
      await options.argumentRecords.removeOlderThan(config.argumentRetentionMs);
      await options.guardFindings.removeOlderThan(config.callRetentionMs);
      await options.changes.removeOlderThan(config.callRetentionMs);
    },
  });

  const sweeper = setInterval(() => options.connections.sweep(), SWEEP_MS);
  sweeper.unref();
  lifecycle.addShutdownHook(async () => {
    clearInterval(sweeper);
    await Promise.allSettled([
      options.connections.closeAll(),
      options.schemas.close(),
      options.guard.close(),
    ]);
    await options.ledger.close();
  });
}
