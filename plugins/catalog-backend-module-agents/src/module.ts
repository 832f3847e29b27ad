import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  catalogProcessingExtensionPoint,
  catalogServiceRef,
} from '@backstage/plugin-catalog-node';
import { readAgentsCatalogConfig } from './config';
import { AgentEntityProcessor } from './processors/AgentEntityProcessor';
import { ModelEntityProcessor } from './processors/ModelEntityProcessor';
import { ToolEntityProcessor } from './processors/ToolEntityProcessor';
import { LocalAgentRepositoryProvider } from './providers/LocalAgentRepositoryProvider';
import { MirrorEntityProvider } from './providers/MirrorEntityProvider';
import { readModelEntities } from './providers/readModelEntities';
import { readToolEntities } from './providers/readToolEntities';

/**
 * Teaches the catalog the kinds Agent, Tool and Model, and keeps Tools, Models
 * and locally scaffolded agents in it.
 *
 * The kinds come as classic processors, not as model layers: a layer would
 * change how the catalog processes all other kinds too.
 *
 * @public
 */
export const catalogModuleAgents = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'agents',
  register(reg) {
    reg.registerInit({
      deps: {
        processing: catalogProcessingExtensionPoint,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        auth: coreServices.auth,
        discovery: coreServices.discovery,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init({ processing, scheduler, config, ...services }) {
        const { auth, discovery, logger } = services;
        const settings = readAgentsCatalogConfig(config);

        processing.addProcessor(
          new AgentEntityProcessor(),
          new ToolEntityProcessor(),
          new ModelEntityProcessor(),
        );

        const mirror = (
          name: string,
          kind: string,
          read: () => ReturnType<typeof readToolEntities>,
        ) =>
          MirrorEntityProvider.create({
            ...services,
            name,
            kind,
            read,
            intervalMs: settings.intervalMs,
          });
        const tools = mirror('agentportal-tools', 'Tool', () =>
          readToolEntities({ auth, discovery }),
        );
        const models = mirror('agentportal-models', 'Model', () =>
          readModelEntities({ auth, discovery, owner: settings.modelOwner }),
        );
        const repositories = LocalAgentRepositoryProvider.create({
          folder: settings.localRepositoriesFolder,
          logger,
        });
        processing.addEntityProvider(tools, models, repositories);

        // Ticks are cheap; a mirror works only when it is time, or when its
        // source has not answered yet.
        for (const provider of [tools, models]) {
          await scheduler.scheduleTask({
            id: provider.getProviderName(),
            frequency: { seconds: 5 },
            timeout: { minutes: 5 },
            initialDelay: { seconds: 2 },
            fn: () => provider.tick(),
          });
        }
        // Every instance looks at its own disk.
        await scheduler.scheduleTask({
          id: repositories.getProviderName(),
          scope: 'local',
          frequency: { seconds: 2 },
          timeout: { minutes: 1 },
          fn: () => repositories.refresh(),
        });
      },
    });
  },
});
