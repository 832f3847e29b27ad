import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  catalogProcessingExtensionPoint,
  catalogServiceRef,
} from '@backstage/plugin-catalog-node';
import { catalogModelExtensionPoint } from '@backstage/plugin-catalog-node/alpha';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import {
  TOPIC_MODELS_CHANGED,
  TOPIC_TOOLS_CHANGED,
} from '@agentportal/plugin-agents-common';
import {
  CatalogTrust,
  localRepositoriesFolder,
} from '@agentportal/plugin-agents-node';
import { boundedEntities } from './processors/boundedEntities';
import { changeAnnouncer } from './processors/changeAnnouncer';
import { entityData } from './processors/entityData';
import { kindProcessors } from './processors/kinds';
import { localCases } from './processors/localCases';
import { withoutLocalRepositories } from './processors/withoutLocalRepositories';
import { LocalAgentRepositoryProvider } from './providers/LocalAgentRepositoryProvider';
import { MirrorEntityProvider } from './providers/MirrorEntityProvider';
import { readModelEntities, readToolEntities } from './providers/sources';

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
        model: catalogModelExtensionPoint,
        processing: catalogProcessingExtensionPoint,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        auth: coreServices.auth,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        scheduler: coreServices.scheduler,
      },
      async init({
        model,
        processing,
        scheduler,
        config,
        events,
        ...services
      }) {
        const owner =
          config.getOptionalString('agents.catalog.modelOwner') ??
          'group:default/platform';
        const seconds =
          config.getOptionalNumber('agents.catalog.refreshSeconds') ?? 300;

        model.setEntityDataParser(entityData(services.lifecycle));
        const trust = CatalogTrust.fromConfig(config);
        processing.addProcessor(
          boundedEntities(trust),
          kindProcessors({ ...services, trust }),
          localCases,
          await changeAnnouncer({ ...services, events }),
        );

        const mirrors = [
          {
            name: 'agentportal-tools',
            kind: 'Tool',
            topic: TOPIC_TOOLS_CHANGED,
            read: () => readToolEntities(services),
          },
          {
            name: 'agentportal-models',
            kind: 'Model',
            topic: TOPIC_MODELS_CHANGED,
            read: () => readModelEntities({ ...services, owner }),
          },
        ];
        for (const { topic, ...source } of mirrors) {
          const mirror = new MirrorEntityProvider({ ...services, ...source });
          processing.addEntityProvider(mirror);
          await events.subscribe({
            // One process is enough: what it reads goes into the database of all.
            id: source.name,
            topics: [topic],
            onEvent: () => mirror.refresh(),
          });
          // Events may be lost, and there is none at start.
          await scheduler.scheduleTask({
            id: source.name,
            frequency: { seconds: Math.max(5, seconds) },
            timeout: { minutes: 5 },
            initialDelay: { seconds: 2 },
            fn: signal => mirror.refreshUntilAnswered(signal),
          });
        }

        const folder = localRepositoriesFolder(config);
        if (!folder) {
          processing.addProcessor(withoutLocalRepositories);
          return;
        }
        const repositories = new LocalAgentRepositoryProvider({
          ...services,
          folder,
        });
        processing.addEntityProvider(repositories);
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
