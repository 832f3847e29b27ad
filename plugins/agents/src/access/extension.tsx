import { EntityContentBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { RiShieldUserLine } from '@remixicon/react';
import { agentsTranslationRef } from '../translation';

export const agentAccess = EntityContentBlueprint.make({
  name: 'access',
  params: {
    path: '/access',
    title: agentsTranslationRef('accessTab.title'),
    icon: <RiShieldUserLine />,
    filter: { kind: 'agent' },
    loader: () => import('./AccessTab').then(m => <m.AccessTab />),
  },
});
