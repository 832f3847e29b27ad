import type {
  RunEvent,
  RunStep,
} from '@agentportal/plugin-orchestration-common';
import { NOTHING_YET, afterEvent, type LiveRun } from './liveRun';

function step(id: string, index: number, status: RunStep['status']): RunEvent {
  return {
    type: 'CUSTOM',
    name: 'agent-portal.step',
    value: {
      step: {
        id,
        index,
        status,
        kind: 'tool',
        name: id,
        startedAt: '2026-11-22T10:00:00Z',
        input: {},
      },
    },
  } as unknown as RunEvent;
}

function event(fields: Record<string, unknown>): RunEvent {
  return fields as unknown as RunEvent;
}

function after(events: RunEvent[]): LiveRun {
  return events.reduce(afterEvent, NOTHING_YET);
}

describe('the live state of a run', () => {
  it('keeps one entry per step, in order, with its newest status', () => {
    const live = after([
      step('b', 1, 'running'),
      step('a', 0, 'succeeded'),
      step('b', 1, 'succeeded'),
    ]);
    expect(live.steps.map(each => [each.id, each.status])).toEqual([
      ['a', 'succeeded'],
      ['b', 'succeeded'],
    ]);
  });

  it('collects text, and starts over with each message', () => {
    const live = after([
      event({ type: 'TEXT_MESSAGE_START', messageId: '1' }),
      event({ type: 'TEXT_MESSAGE_CONTENT', messageId: '1', delta: 'Let me ' }),
      event({ type: 'TEXT_MESSAGE_CONTENT', messageId: '1', delta: 'look.' }),
      event({ type: 'TEXT_MESSAGE_END', messageId: '1' }),
      event({ type: 'TEXT_MESSAGE_START', messageId: '2' }),
      event({ type: 'TEXT_MESSAGE_CONTENT', messageId: '2', delta: 'Found.' }),
    ]);
    expect(live.text).toBe('Found.');
  });

  it('passes over events that it does not know', () => {
    const live = after([step('a', 0, 'running')]);
    expect(afterEvent(live, event({ type: 'RAW' }))).toBe(live);
  });
});
