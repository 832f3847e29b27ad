import { agentsAppModule } from '@agentportal/plugin-agents';
import { goldenPathsAppModule } from '@agentportal/plugin-scaffolder-module-agents';
import { createApp } from '@backstage/frontend-defaults';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { navModule } from './modules/nav';
import { notFoundModule } from './modules/notFound';
import { signInModule } from './modules/signIn';

// Every other plugin is found through this package's dependencies, see
// `app.packages` in app-config.yaml.
export default createApp({
  features: [
    catalogPlugin,
    agentsAppModule,
    goldenPathsAppModule,
    navModule,
    signInModule,
    notFoundModule,
  ],
});
