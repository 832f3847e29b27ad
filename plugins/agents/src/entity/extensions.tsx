import {
  EntityContentLayoutBlueprint,
  EntityHeaderLayoutBlueprint,
} from '@backstage/plugin-catalog-react/alpha';

export const agentHeader = EntityHeaderLayoutBlueprint.make({
  name: 'agent',
  params: {
    filter: { kind: 'agent' },
    loader: () => import('./AgentHeader').then(m => m.AgentHeader),
  },
});

export const agentOverview = EntityContentLayoutBlueprint.make({
  name: 'agent',
  params: {
    filter: { kind: 'agent' },
    loader: () =>
      import('../overview/AgentOverview').then(m => m.AgentOverview),
  },
});

export const toolOverview = EntityContentLayoutBlueprint.make({
  name: 'tool',
  params: {
    filter: { kind: 'tool' },
    loader: () => import('../overview/ToolOverview').then(m => m.ToolOverview),
  },
});

export const modelOverview = EntityContentLayoutBlueprint.make({
  name: 'model',
  params: {
    filter: { kind: 'model' },
    loader: () =>
      import('../overview/ModelOverview').then(m => m.ModelOverview),
  },
});
