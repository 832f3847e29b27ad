import fc from 'fast-check';
import { type EndedToolCall, StallDetector } from './StallDetector';

const read = (more: Partial<EndedToolCall>): EndedToolCall => ({
  name: 'orders.list',
  args: {},
  answer: '[]',
  hasFailed: false,
  isRead: true,
  ...more,
});

/** At which round an agent is stopped; undefined when it is not. */
function stoppedAt(
  rounds: EndedToolCall[][],
  threshold = 3,
  before: EndedToolCall[] = [],
): number | undefined {
  const stalls = new StallDetector(threshold, before);
  for (const [i, calls] of rounds.entries()) {
    try {
      stalls.nextRound();
    } catch {
      return i;
    }
    calls.forEach(call => stalls.learn(call));
  }
  try {
    stalls.nextRound();
  } catch {
    return rounds.length;
  }
  return undefined;
}

const answer = fc.string({ maxLength: 20 });
const args = fc.record({ page: fc.nat(), q: fc.string({ maxLength: 10 }) });
const distinct = fc.uniqueArray(answer, { minLength: 4, maxLength: 40 });
const threshold = fc.integer({ min: 2, max: 12 });

describe('an agent that learns something in each round', () => {
  it('is never stopped, whatever it asks', () => {
    fc.assert(
      fc.property(distinct, args, threshold, (answers, same, at) => {
        const rounds = answers.map(each => [
          read({ args: same, answer: each }),
        ]);
        expect(stoppedAt(rounds, at)).toBeUndefined();
      }),
    );
  });

  it('is never stopped for what else it looks at again at the same time', () => {
    fc.assert(
      fc.property(distinct, threshold, (answers, at) => {
        const rounds = answers.map(each => [
          read({}),
          read({ answer: each }),
          read({ name: 'clock.now', answer: 'late', hasFailed: true }),
        ]);
        expect(stoppedAt(rounds, at)).toBeUndefined();
      }),
    );
  });

  it('is not stopped if news comes before the bound, at any distance', () => {
    fc.assert(
      fc.property(
        distinct,
        threshold.chain(at =>
          fc.tuple(fc.constant(at), fc.integer({ min: 0, max: at - 1 })),
        ),
        (answers, [at, idle]) => {
          const rounds = answers.flatMap(each => [
            [read({ answer: each })],
            ...Array.from({ length: idle }, () => [read({ answer: each })]),
          ]);
          expect(stoppedAt(rounds, at)).toBeUndefined();
        },
      ),
    );
  });

  it('is not stopped for calls that do something and always answer the same', () => {
    fc.assert(
      fc.property(fc.array(args, { maxLength: 30 }), threshold, (made, at) => {
        const rounds = made.map(each => [
          read({
            name: 'orders.cancel',
            args: each,
            answer: 'Done.',
            isRead: false,
          }),
        ]);
        expect(stoppedAt(rounds, at)).toBeUndefined();
      }),
    );
  });

  it('is not stopped for many calls that were asked for at once', () => {
    const many = Array.from({ length: 50 }, (_, page) =>
      read({ args: { page } }),
    );
    expect(stoppedAt([many])).toBeUndefined();
  });
});

describe('an agent that learns nothing more', () => {
  it('is stopped after as many rounds as the bound says, whatever its arguments are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(answer, { minLength: 1, maxLength: 3 }),
        fc.array(args, { minLength: 60, maxLength: 60 }),
        threshold,
        (cycle, made, at) => {
          // One answer is a page that stays the same; more are a cycle of states.
          const rounds = made.map((each, i) => [
            read({ args: each, answer: cycle[i % cycle.length] }),
          ]);
          expect(stoppedAt(rounds, at)).toBe(cycle.length + at);
        },
      ),
    );
  });

  it('is stopped when it makes up ids, and the error repeats each of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uuid(), { minLength: 10, maxLength: 10 }),
        fc.boolean(),
        (ids, isRead) => {
          const rounds = ids.map(id => [
            read({
              args: { id },
              answer: `No order ${id}.`,
              hasFailed: true,
              isRead,
            }),
          ]);
          expect(stoppedAt(rounds)).toBe(4);
        },
      ),
    );
  });

  it('is stopped in another process as in the first', () => {
    const calls = Array.from({ length: 8 }, (_, i) =>
      read({ args: { i }, answer: `state ${i % 2}`, round: i }),
    );
    for (let made = 0; made <= calls.length; made += 1) {
      const rest = calls.slice(made).map(call => [call]);
      const at = stoppedAt(rest, 6, calls.slice(0, made));
      expect(at).toBe(rest.length);
    }
  });

  it('is told what it asked in vain', () => {
    const stalls = new StallDetector(2, [
      read({ round: 1 }),
      ...[2, 3].map(round => read({ round, args: { page: round } })),
    ]);
    expect(() => stalls.nextRound()).toThrow(
      'Stopped because the last 2 rounds of tool calls brought nothing new: orders.list answered what was known already',
    );
  });
});
