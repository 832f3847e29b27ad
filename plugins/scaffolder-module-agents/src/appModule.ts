import { createFrontendModule } from '@backstage/frontend-plugin-api';
import { SwappableComponentBlueprint } from '@backstage/plugin-app-react';
import { TemplateCard } from '@backstage/plugin-scaffolder-react/alpha';

/**
 * Cards of golden paths that say what they make, in place of Backstage's. They belong to the app, so this module is
 * installed beside the package.
 *
 * @public
 */
export const goldenPathsAppModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    SwappableComponentBlueprint.make({
      name: 'scaffolder-template-card',
      params: define =>
        define({
          component: TemplateCard,
          loader: () =>
            import('./card/GoldenPathCard').then(m => m.GoldenPathCard),
        }),
    }),
  ],
});
