import type { Entity } from '@backstage/catalog-model';
import { agent } from '../../plugins/orchestration-backend/src/__testUtils__/agent';

/** Who asks. */
export const PERSON = 'user:default/elin.marklund';
export const DESK = 'agent:default/desk';
/** Looks two orders up, and answers: five steps. */
export const CLERK = 'agent:default/clerk';

const CANCEL = 'tool:default/orders.cancel_order';

/** The catalog of these tests: an agent that hands work to another one, and their people. */
export const ENTITIES: Entity[] = [
  agent('desk', {
    tools: ['tool:default/orders.find_order', CANCEL],
    handoffs: ['agent:default/helper'],
  }),
  agent('helper', { tools: [CANCEL] }),
  agent('clerk', { tools: ['tool:default/orders.find_order'] }),
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name: 'care', namespace: 'default' },
    spec: { type: 'team', children: [] },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'elin.marklund', namespace: 'default' },
    spec: { memberOf: ['care'] },
    relations: [{ type: 'memberOf', targetRef: 'group:default/care' }],
  },
];
