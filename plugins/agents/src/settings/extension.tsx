import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiSettings3Line } from '@remixicon/react';
import { agentsTranslationRef } from '../translation';

export const agentSettings = EntityContentBlueprint.make({
  name: 'settings',
  params: {
    path: '/settings',
    title: agentsTranslationRef('settings.tab'),
    icon: <RiSettings3Line />,
    filter: { kind: 'agent' },
    loader: () => import('./SettingsTab').then(m => <m.SettingsTab />),
  },
});
