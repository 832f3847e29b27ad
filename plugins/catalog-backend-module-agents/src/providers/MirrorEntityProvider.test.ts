import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { MirrorEntityProvider } from './MirrorEntityProvider';

const HOUR_MS = 3_600_000;

function tool(name: string, origin = 'agentportal:test'): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Tool',
    metadata: {
      name,
      namespace: 'default',
      annotations: { 'backstage.io/managed-by-origin-location': origin },
    },
    spec: { type: 'mcp' },
  };
}

async function mirrorOf(
  read: () => Promise<Entity[]>,
  options: { inCatalog?: Entity[]; now?: () => number } = {},
) {
  const mutations: Array<{ added: string[]; removed: string[] }> = [];
  const mirror = new MirrorEntityProvider({
    name: 'test',
    kind: 'Tool',
    read,
    catalog: catalogServiceMock({ entities: options.inCatalog ?? [] }),
    auth: mockServices.auth(),
    logger: mockServices.logger.mock(),
    now: options.now,
  });
  await mirror.connect({
    async applyMutation(mutation: EntityProviderMutation) {
      if (mutation.type !== 'delta') {
        throw new Error('A mirror never replaces everything');
      }
      mutations.push({
        added: mutation.added.map(({ entity }) => entity.metadata.name),
        removed: mutation.removed.map(it =>
          'entityRef' in it ? it.entityRef : it.entity.metadata.name,
        ),
      });
    },
    refresh: async () => {},
  });
  return { mirror, mutations };
}

describe('MirrorEntityProvider', () => {
  it('takes out what its source has no more, and leaves what is from elsewhere', async () => {
    const { mirror, mutations } = await mirrorOf(
      async () => [tool('a'), tool('b')],
      {
        inCatalog: [
          tool('a', 'file:/catalog/tools.yaml'),
          tool('b'),
          tool('c'),
        ],
      },
    );
    await mirror.refresh();
    expect(mutations).toEqual([{ added: ['b'], removed: ['tool:default/c'] }]);
  });

  it('believes an empty source after an hour only', async () => {
    let now = 0;
    let tools: Entity[] = [];
    const { mirror, mutations } = await mirrorOf(async () => tools, {
      inCatalog: [tool('a')],
      now: () => now,
    });
    await mirror.refresh();
    now = HOUR_MS - 1;
    await mirror.refresh();
    expect(mutations).toEqual([]);
    // It was set up anew, and has found its tools again.
    tools = [tool('a')];
    await mirror.refresh();
    tools = [];
    now = HOUR_MS + 1;
    await mirror.refresh();
    expect(mutations).toEqual([{ added: ['a'], removed: [] }]);
    now += HOUR_MS;
    await mirror.refresh();
    expect(mutations[1]).toEqual({ added: [], removed: ['tool:default/a'] });
  });

  it('tells only what differs, and once for all that happens meanwhile', async () => {
    let reads = 0;
    let title = 'first';
    const { mirror, mutations } = await mirrorOf(
      async () => {
        reads += 1;
        const a = tool('a');
        return [{ ...a, metadata: { ...a.metadata, title } }, tool('b')];
      },
      { inCatalog: [tool('a'), tool('b')] },
    );
    await mirror.refresh();
    await mirror.refresh();
    expect(mutations).toEqual([{ added: ['a', 'b'], removed: [] }]);
    title = 'second';
    await Promise.all(Array.from({ length: 10 }, () => mirror.refresh()));
    expect(mutations.slice(1)).toEqual([{ added: ['a'], removed: [] }]);
    expect(reads).toBeLessThan(5);
  });

  it('keeps what it has while the source is down, and asks again soon', async () => {
    let reads = 0;
    const { mirror, mutations } = await mirrorOf(async () => {
      reads += 1;
      if (reads < 2) {
        throw new Error('connect ECONNREFUSED');
      }
      return [tool('a')];
    });
    await mirror.refreshUntilAnswered(new AbortController().signal);
    expect(reads).toBe(2);
    expect(mutations).toEqual([{ added: ['a'], removed: [] }]);
  });
});
