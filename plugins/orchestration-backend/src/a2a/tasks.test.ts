import { TaskState } from '@a2a-js/sdk';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { toTask } from './tasks';

const run = (more: Partial<RunSummary>): RunSummary => ({
  id: 'run-1',
  threadId: 'thread-1',
  agentRef: 'agent:default/desk',
  status: 'running',
  createdBy: 'user:default/guest',
  input: { message: 'Refund it' },
  usage: {
    inputTokens: 1,
    outputTokens: 2,
    costNanoUsd: 3,
    modelCalls: 1,
    toolCalls: 0,
  },
  createdAt: '2026-11-28T20:00:00.000Z',
  ...more,
});

describe('a run as a task', () => {
  it('requires input while people are to decide, and says what', () => {
    const task = toTask(
      run({
        status: 'interrupted',
        waitingFor: [
          {
            approvalId: 'a-1',
            kind: 'tool-call',
            title: 'Refund 340 EUR of order NH-1',
            askedOf: ['group:default/finance'],
          },
        ],
      }),
    );
    expect(task).toMatchObject({
      id: 'run-1',
      contextId: 'thread-1',
      status: {
        state: TaskState.TASK_STATE_INPUT_REQUIRED,
        message: {
          parts: [{ content: { value: 'Refund 340 EUR of order NH-1' } }],
        },
      },
      metadata: { 'https://agentportal.dev/a2a/usage/v1': { costNanoUsd: 3 } },
    });
  });

  it('tells as much of its history as is asked for', () => {
    expect(toTask(run({})).history).toHaveLength(1);
    expect(toTask(run({}), 0).history).toEqual([]);
  });
});
