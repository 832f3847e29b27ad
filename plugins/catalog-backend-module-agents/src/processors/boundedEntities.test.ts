import { mockServices } from '@backstage/backend-test-utils';
import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
} from '@backstage/catalog-model';
import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { boundedEntities } from './boundedEntities';

describe('boundedEntities', () => {
  const processor = boundedEntities(
    CatalogTrust.fromConfig(
      mockServices.rootConfig({
        data: {
          agents: { trustedLocations: ['url:https://git.example.com/ops/**'] },
        },
      }),
    ),
  );
  const process = (spec: Entity['spec'], who = 'me', kind = 'Agent') =>
    processor.preProcessEntity!(
      {
        apiVersion:
          kind === 'Agent'
            ? 'agentportal.dev/v1alpha1'
            : 'backstage.io/v1alpha1',
        kind,
        metadata: {
          name: 'x',
          annotations: {
            [ANNOTATION_ORIGIN_LOCATION]: `url:https://git.example.com/${who}/a.yaml`,
          },
        },
        spec,
      },
      {} as never,
      () => {},
      {} as never,
      {} as never,
    );
  const refs = (count: number) =>
    Array.from({ length: count }, (_, i) => `t${i}`);

  it('refuses lists of strangers that keep the catalog busy', async () => {
    await expect(process({ tools: refs(8_000) })).rejects.toThrow(
      'The lists in spec have more than 1000 entries. Make it smaller, or ask the people who run the portal to add url:https://git.example.com/me/a.yaml to agents.trustedLocations.',
    );
    await expect(
      process({ deep: [{ tools: refs(600) }, { handoffs: refs(600) }] }),
    ).rejects.toThrow('more than 1000 entries');
    await expect(
      process({ dependsOn: refs(1_001) }, 'me', 'Component'),
    ).rejects.toThrow('more than 1000 entries');
  });

  it('takes what people write, and what the operator vouches for', async () => {
    await process({ tools: refs(900) });
    await process({ definition: 'x'.repeat(2_000_000) }, 'me', 'API');
    await process({ members: refs(8_000) }, 'ops', 'Group');
  });
});
