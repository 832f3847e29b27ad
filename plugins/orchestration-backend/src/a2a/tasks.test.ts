import { type Part, Role, TaskState } from '@a2a-js/sdk';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { PeerAnswer } from './peers/PeerAnswer';
import { questionOf, toTask } from './tasks';

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

it('a message is told in as many characters as it came in, and no more than may be asked', () => {
  const depth = 1_000;
  const json = `${'['.repeat(depth)}${'1,'.repeat(9_999)}1${']'.repeat(depth)}`;
  const value: Part = {
    content: { $case: 'data', value: JSON.parse(json) },
    metadata: undefined,
    filename: '',
    mediaType: '',
  };
  const message = {
    messageId: 'm-1',
    contextId: '',
    taskId: '',
    role: Role.ROLE_USER,
    parts: [value],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
  const told = `\`\`\`json\n${json}\n\`\`\``;
  expect(questionOf(message)).toBe(told);
  const answer = new PeerAnswer();
  expect(answer.add({ payload: { $case: 'message', value: message } })).toBe(
    told,
  );
  const long = { ...value, content: { $case: 'text', value: 'x'.repeat(1e5) } };
  expect(() =>
    questionOf({ ...message, parts: [long as Part, value] }),
  ).toThrow('and may have 100000');
});
