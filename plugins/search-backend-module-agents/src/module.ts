import {
  coreServices,
  createBackendModule,
  readSchedulerServiceTaskScheduleDefinitionFromConfig,
  type RootConfigService,
  type SchedulerServiceTaskScheduleDefinition,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { searchIndexRegistryExtensionPoint } from '@backstage/plugin-search-backend-node/alpha';
import { AgentsCollatorFactory } from './AgentsCollatorFactory';

/**
 * Puts agents, tools and models into search.
 *
 * @public
 */
export const searchModuleAgents = createBackendModule({
  pluginId: 'search',
  moduleId: 'agents',
  register(reg) {
    reg.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        registry: searchIndexRegistryExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ auth, catalog, config, registry, scheduler }) {
        const key = 'search.collators.agents.schedule';
        const schedule: SchedulerServiceTaskScheduleDefinition = config.has(key)
          ? readSchedulerServiceTaskScheduleDefinitionFromConfig(
              config.getConfig(key),
            )
          : {
              frequency: { minutes: 5 },
              timeout: { minutes: 10 },
              // By then a small catalog has been read.
              initialDelay: { seconds: 10 },
              // Elsewhere than on PostgreSQL the index is in the memory of each
              // process, and so each fills its own, beginning at its start.
              scope: isPostgres(config) ? 'global' : 'local',
            };
        registry.addCollator({
          schedule: scheduler.createScheduledTaskRunner(schedule),
          factory: AgentsCollatorFactory.create({ auth, catalog }),
        });
      },
    });
  },
});

/** As the search plugin's own module for PostgreSQL decides it. */
function isPostgres(config: RootConfigService): boolean {
  return config.getOptionalString('backend.database.client') === 'pg';
}
