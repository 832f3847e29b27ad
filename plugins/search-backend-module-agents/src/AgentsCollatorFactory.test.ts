import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AgentsCollatorFactory } from './AgentsCollatorFactory';

describe('AgentsCollatorFactory', () => {
  it('gives search what the catalog holds of our kinds, and nothing else', async () => {
    const factory = AgentsCollatorFactory.create({
      auth: mockServices.auth(),
      catalog: catalogServiceMock({
        entities: [
          {
            apiVersion: 'agentportal.dev/v1alpha1',
            kind: 'Agent',
            metadata: {
              name: 'triage',
              namespace: 'default',
              title: 'Claims triage',
              description: 'Sorts claims',
              tags: ['insurance'],
            },
            spec: {
              type: 'assistant',
              lifecycle: 'production',
              owner: 'claims',
              exampleQuestions: ['Which claims are late?'],
            },
          },
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'other' },
            spec: { type: 'service' },
          },
        ],
      }),
    });
    const documents = await (await factory.getCollator()).toArray();
    expect(documents).toEqual([
      {
        title: 'Claims triage',
        text: 'Sorts claims\ntriage\ninsurance\nWhich claims are late?',
        location: '/catalog/default/agent/triage',
        kind: 'Agent',
        namespace: 'default',
        name: 'triage',
        type: 'assistant',
        lifecycle: 'production',
        owner: 'group:default/claims',
        authorization: { resourceRef: 'agent:default/triage' },
      },
    ]);
  });
});
