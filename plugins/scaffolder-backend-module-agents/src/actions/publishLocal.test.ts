import * as fs from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import git from 'isomorphic-git';
import { LocalRepositories } from '../repositories/localRepositories';
import { actionContext, temporaryFolder } from '../__testUtils__/actionContext';
import { createPublishLocalAction } from './publishLocal';

describe('agentportal:publish:local', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let workspacePath: string;
  let root: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    workspacePath = join(folder.path, 'workspace');
    root = join(folder.path, 'repos');
    await mkdir(join(workspacePath, 'evals'), { recursive: true });
    await writeFile(join(workspacePath, 'catalog-info.yaml'), 'kind: Agent\n');
    await writeFile(join(workspacePath, 'evals/starter.yaml'), 'cases: []\n');
  });

  afterEach(() => folder.dispose());

  function action() {
    return createPublishLocalAction({
      repositories: LocalRepositories.fromConfig(
        new ConfigReader({ agents: { localRepositories: { path: root } } }),
      ),
    });
  }

  it('makes a clean repository with one commit of all files', async () => {
    const { context, outputs } = actionContext({
      input: { name: 'order-desk' },
      workspacePath,
    });
    await action().handler(context);

    const dir = join(root, 'order-desk');
    const log = await git.log({ fs, dir });
    expect(log).toHaveLength(1);
    expect(log[0].commit.message).toMatch(/^Create the agent order-desk\n/);
    expect(outputs).toEqual({ repositoryPath: dir, commitHash: log[0].oid });
    expect(await git.currentBranch({ fs, dir })).toBe('main');
    expect(await git.listFiles({ fs, dir })).toEqual([
      'catalog-info.yaml',
      'evals/starter.yaml',
    ]);
    const status = await git.statusMatrix({ fs, dir });
    expect(status.every(row => row[1] === 1 && row[2] === 1)).toBe(true);
    expect(await readdir(join(root, '.unfinished'))).toEqual([]);
  });

  it('overwrites nothing, but gives a task its own repository again', async () => {
    const first = actionContext({ input: { name: 'desk' }, workspacePath });
    await action().handler(first.context);
    await writeFile(join(workspacePath, 'catalog-info.yaml'), 'kind: Other\n');

    const other = actionContext({
      input: { name: 'desk' },
      workspacePath,
      task: { id: 'task-2', done: new Map() },
    });
    await expect(action().handler(other.context)).rejects.toThrow(
      /already a local repository "desk"/,
    );

    // The process died after the repository was made and before the task knew.
    const again = actionContext({
      input: { name: 'desk' },
      workspacePath,
      task: { id: 'task-1', done: new Map() },
    });
    await action().handler(again.context);
    expect(again.outputs).toEqual(first.outputs);
    const kept = join(root, 'desk', 'catalog-info.yaml');
    expect(await readFile(kept, 'utf8')).toBe('kind: Agent\n');
  });

  it.each(['../outside', '/etc/agent', 'a/b', '.git', '..', ''])(
    'refuses the name %j',
    async name => {
      const { context } = actionContext({ input: { name }, workspacePath });
      await expect(action().handler(context)).rejects.toThrow(
        /cannot be the name of an agent/,
      );
      expect(fs.existsSync(root)).toBe(false);
    },
  );

  it('makes nothing in a dry run', async () => {
    const { context, outputs } = actionContext({
      input: { name: 'order-desk' },
      workspacePath,
      isDryRun: true,
    });
    await action().handler(context);
    expect(outputs).toMatchObject({ repositoryPath: join(root, 'order-desk') });
    expect(fs.existsSync(root)).toBe(false);
  });
});
