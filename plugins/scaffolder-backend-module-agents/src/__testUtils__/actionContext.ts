import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import type { ActionContext } from '@backstage/plugin-scaffolder-node';
import type { JsonObject, JsonValue } from '@backstage/types';

/** A folder for a test; gone after `dispose`. */
export async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'agent-portal-'));
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
}

/**
 * The context that the scaffolder gives an action, with checkpoints that are
 * remembered when the same `task` is handed in again.
 */
export function actionContext<I extends JsonObject>(options: {
  input: I;
  workspacePath: string;
  user?: string;
  isDryRun?: boolean;
  task?: { id: string; done: Map<string, JsonValue | void> };
}) {
  const outputs: Record<string, unknown> = {};
  const task = options.task ?? { id: 'task-1', done: new Map() };
  const logger = mockServices.logger.mock();
  const user = options.user ?? 'user:default/dana';
  const context: ActionContext<I, any, 'v2'> = {
    input: options.input,
    workspacePath: options.workspacePath,
    isDryRun: options.isDryRun,
    logger,
    task: { id: task.id },
    user: { ref: user },
    async checkpoint({ key, fn }) {
      if (!task.done.has(key)) {
        task.done.set(key, await fn());
      }
      return task.done.get(key) as any;
    },
    output(name, value) {
      outputs[name as string] = value;
    },
    async createTemporaryDirectory() {
      return options.workspacePath;
    },
    async getInitiatorCredentials() {
      return mockCredentials.user(user);
    },
  };
  return { context, outputs, task, logger };
}
