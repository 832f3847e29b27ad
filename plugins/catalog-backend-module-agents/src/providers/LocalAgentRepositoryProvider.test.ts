import {
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { LocalAgentRepositoryProvider } from './LocalAgentRepositoryProvider';

describe('LocalAgentRepositoryProvider', () => {
  let root: string;
  const targets = (list: Array<{ entity?: any }> = []) =>
    list.map(({ entity }) => path.basename(path.dirname(entity.spec.target)));

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'local-agents-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('keeps the agents of a folder that cannot be read, says so once, and goes on when it can', async () => {
    const folder = path.join(root, 'repositories');
    for (const name of ['one', 'two']) {
      await mkdir(path.join(folder, name), { recursive: true });
      await writeFile(path.join(folder, name, 'catalog-info.yaml'), 'x: 1');
    }
    const logger = mockServices.logger.mock();
    const provider = new LocalAgentRepositoryProvider({
      folder,
      logger,
      auth: mockServices.auth(),
      catalog: catalogServiceMock({ entities: [] }),
    });
    const deltas: Array<{ added: string[]; removed: string[] }> = [];
    await provider.connect({
      refresh: async () => {},
      applyMutation: async (mutation: EntityProviderMutation) => {
        if (mutation.type === 'delta') {
          deltas.push({
            added: targets(mutation.added),
            removed: targets(mutation.removed as never),
          });
        }
      },
    });
    const look = async () => {
      await provider.refresh();
      return deltas.splice(0);
    };
    expect(await look()).toEqual([{ added: ['one', 'two'], removed: [] }]);

    await rename(folder, `${folder}.away`);
    expect(await look()).toEqual([]);
    expect(await look()).toEqual([]);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('stay as they are until it can be read'),
    );
    // Where it was mounted, somebody else puts another one.
    await mkdir(path.join(folder, 'three'), { recursive: true });
    await writeFile(path.join(folder, 'three', 'catalog-info.yaml'), 'x: 1');
    expect(await look()).toEqual([]);
    expect(logger.warn).toHaveBeenCalledTimes(2);
    await rm(folder, { recursive: true });
    await rename(`${folder}.away`, folder);

    // A name that leads in circles says nothing about what is behind it.
    await rename(path.join(folder, 'two'), path.join(root, 'two'));
    await symlink('two', path.join(folder, 'two'));
    expect(await look()).toEqual([]);
    await rm(path.join(folder, 'two'));
    expect(await look()).toEqual([{ added: [], removed: ['two'] }]);
    expect(logger.info).toHaveBeenCalledWith(`${folder} can be read again`);
  });
});
