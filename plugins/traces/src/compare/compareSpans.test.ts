import { span } from '../__testUtils__/tracesServer';
import { compareSpans } from './compareSpans';

describe('two traces side by side', () => {
  it('pairs steps by name, depth and order, and marks in what they differ', () => {
    const left = [
      span('invoke_agent desk', 0, { kind: 'agent', durationMs: 1_000 }),
      span('chat a', 1, { kind: 'model', model: 'a', durationMs: 400 }),
      span('execute_tool find', 1),
      span('chat a', 1, { kind: 'model', model: 'a' }),
    ];
    const right = [
      span('invoke_agent desk', 0, { kind: 'agent', durationMs: 1_200 }),
      span('chat b', 1, { kind: 'model', model: 'b', durationMs: 900 }),
      span('execute_tool find', 1, { status: 'error', durationMs: 130 }),
      span('execute_tool find', 2),
    ];
    expect(
      compareSpans(left, right).map(({ differs, left: l, right: r }) => [
        l?.name,
        r?.name,
        ...differs,
      ]),
    ).toEqual([
      ['invoke_agent desk', 'invoke_agent desk'],
      ['chat a', 'chat b', 'model', 'time'],
      ['execute_tool find', 'execute_tool find', 'status'],
      ['chat a', undefined, 'missing'],
      [undefined, 'execute_tool find', 'missing'],
    ]);
  });
});
