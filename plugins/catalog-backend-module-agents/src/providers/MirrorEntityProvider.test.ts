import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { inertSchema } from './inertSchema';
import { MirrorEntityProvider } from './MirrorEntityProvider';

function tool(name: string, lastSeen = '2026-01-01T10:00:00Z'): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Tool',
    metadata: {
      name,
      namespace: 'default',
      annotations: { 'agentportal.dev/last-seen': lastSeen },
    },
    spec: { type: 'mcp' },
  };
}

function mirrorOf(read: () => Promise<Entity[]>, inCatalog: Entity[] = []) {
  const mutations: EntityProviderMutation[] = [];
  const mirror = MirrorEntityProvider.create({
    name: 'test',
    kind: 'Tool',
    read,
    intervalMs: 60_000,
    catalog: catalogServiceMock({ entities: inCatalog }),
    auth: mockServices.auth(),
    logger: mockServices.logger.mock(),
  });
  const connected = mirror.connect({
    applyMutation: async mutation => {
      mutations.push(mutation);
    },
    refresh: async () => {},
  });
  const namesOf = (index: number) => {
    const mutation = mutations[index];
    return mutation.type === 'full'
      ? mutation.entities.map(({ entity }) => entity.metadata.name)
      : [];
  };
  return { mirror, mutations, connected, namesOf };
}

describe('MirrorEntityProvider', () => {
  it('tells the catalog only when something has changed', async () => {
    let tools = [tool('b'), tool('a')];
    const { mirror, mutations, namesOf } = mirrorOf(async () => tools);
    await mirror.refresh();
    tools = [tool('a'), tool('b', '2026-01-01T10:30:00Z')];
    await mirror.refresh();
    expect(mutations).toHaveLength(1);
    expect(namesOf(0)).toEqual(['a', 'b']);
    tools = [tool('a')];
    await mirror.refresh();
    expect(namesOf(1)).toEqual(['a']);
  });

  it('keeps what it has while the source is down, and asks again soon', async () => {
    let reads = 0;
    const { mirror, mutations } = mirrorOf(async () => {
      reads += 1;
      if (reads < 3) {
        throw new Error('connect ECONNREFUSED');
      }
      return [tool('a')];
    });
    await mirror.tick();
    await mirror.tick();
    expect(mutations).toHaveLength(0);
    await mirror.tick();
    expect(mutations).toHaveLength(1);
    await mirror.tick();
    expect(reads).toBe(3);
  });

  it('leaves out what somebody else manages', async () => {
    const yaml = tool('a');
    yaml.metadata.annotations = {
      'backstage.io/managed-by-origin-location': 'file:/catalog/tools.yaml',
    };
    const { mirror, namesOf } = mirrorOf(
      async () => [tool('a'), tool('b')],
      [yaml],
    );
    await mirror.refresh();
    expect(namesOf(0)).toEqual(['b']);
  });
});

describe('inertSchema', () => {
  it('takes from a schema what the catalog would read a URL for', () => {
    expect(
      inertSchema({
        $schema: 'x',
        properties: {
          a: { $ref: '#/$defs/a' },
          b: { $text: 'https://internal/secret' },
          c: [{ $json: './x' }],
        },
        $defs: { a: { type: 'string' } },
      }),
    ).toEqual({
      $schema: 'x',
      properties: { a: { $ref: '#/$defs/a' }, b: {}, c: [{}] },
      $defs: { a: { type: 'string' } },
    });
  });
});
