import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { agent } from '../__testUtils__/portal';
import type { PublishedDefinitions } from '../approvals/PublishedDefinitions';
import { readRuleAnnotations } from './RuleSources';

const APPROVED = '// approved';

it('knows who is told of mistakes in what was approved, whatever the file says now', async () => {
  const owned = (name: string, rules?: string) => ({
    ...agent(name),
    metadata: {
      name,
      namespace: 'default',
      ...(rules && { annotations: { 'agentportal.dev/rules': rules } }),
    },
    relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
  });
  const texts = await readRuleAnnotations({
    catalog: catalogServiceMock({
      entities: [owned('silent'), owned('other', '// proposed')],
    }),
    auth: mockServices.auth(),
    trust: CatalogTrust.fromConfig(mockServices.rootConfig()),
    published: {
      annotated: async () =>
        ['silent', 'other', 'gone'].map(name => ({
          agentRef: `agent:default/${name}`,
          annotations: { rules: APPROVED },
        })),
    } as unknown as PublishedDefinitions,
  });
  expect(
    texts
      .filter(({ text }) => text === APPROVED)
      .map(({ name, ownerRef }) => [name, ownerRef]),
  ).toEqual([
    ['agent:default/silent', 'group:default/care'],
    ['agent:default/other', 'group:default/care'],
    // Nobody is left to tell, and it holds all the same.
    ['agent:default/gone', undefined],
  ]);
});
