import type { EvalCase } from '@agentportal/plugin-evals-common';
import type { Run } from '@agentportal/plugin-orchestration-common';
import { mockServices } from '@backstage/backend-test-utils';
import { Asker } from './Asker';
import { LaterError } from './Rehearsals';
import { type EvaluationRow, type ResultRow, toTrial } from './rows';
import { type SaidAgent, subjectDigest } from './Subjects';

const ITEM: EvalCase = { id: 'escapes', ask: 'How is a zero escaped?' };
const ESCAPED = String.raw`It is \u0000 in JSON.`;
const ZERO = 'a \u0000 b';

/** Waits for a run that has been started, and gives what is written down. */
async function ask(run: Partial<Run>): Promise<Partial<ResultRow>> {
  let written: Partial<ResultRow> = {};
  const asker = new Asker({
    dataSets: { caseOf: async () => ITEM },
    evaluations: { get: async () => ({ agent_ref: 'agent:default/desk' }) },
    logger: mockServices.logger.mock(),
    questions: {
      finish: async (_: unknown, values: Partial<ResultRow>) => {
        written = values;
        return true;
      },
    },
    rehearsals: {
      end: async () => ({
        status: 'succeeded',
        usage: { costNanoUsd: 1 },
        steps: [],
        ...run,
      }),
    },
    workers: {
      run: async () => [
        { evaluator: 'facts', outcome: 'failed', reason: ESCAPED },
      ],
    },
  } as unknown as ConstructorParameters<typeof Asker>[0]);
  await asker.ask(
    { run_id: 'run', turn: 0, latency_ms: 0, cost_nano_usd: 0 } as ResultRow,
    new AbortController().signal,
  );
  return written;
}

describe('what an agent answered', () => {
  it('is written as every database takes it, and can be read again whatever it says', async () => {
    const written = await ask({
      output: { message: `${ESCAPED} ${ZERO}` },
      steps: [
        {
          kind: 'tool',
          name: 'codes.find',
          input: { escaped: ESCAPED, zero: ZERO },
        } as unknown as Run['steps'][number],
      ],
    });
    for (const text of [written.answer, written.calls, written.checks]) {
      expect(text).not.toContain('\u0000');
    }
    expect(toTrial(written as ResultRow)).toMatchObject({
      answer: `${ESCAPED} a  b`,
      calls: [{ arguments: { escaped: ESCAPED, zero: ZERO } }],
      checks: [{ reason: ESCAPED }],
    });
  });
});

describe('what is asked', () => {
  it('is what the evaluation is of, also when the agent is changed meanwhile', async () => {
    const ended: Array<Partial<EvaluationRow>> = [];
    const agent = {
      ref: 'agent:default/desk',
      instructions: 'Be brief.',
      model: 'model:default/small',
    } as SaidAgent;
    const evaluation = {
      agent_ref: agent.ref,
      subject_digest: subjectDigest(agent, undefined, 'file'),
    };
    const asked: string[] = [];
    const asker = new Asker({
      dataSets: { caseOf: async () => ITEM },
      evaluations: {
        get: async () => evaluation,
        end: async (_: unknown, values: Partial<EvaluationRow>) => {
          ended.push(values);
        },
      },
      logger: mockServices.logger.mock(),
      questions: { note: async () => false, finish: async () => true },
      rehearsals: {
        start: async () => {
          asked.push(agent.instructions);
          return { id: 'run', threadId: 'thread' };
        },
        stop: async () => {},
        end: async () => undefined,
      },
      subjects: { said: async () => agent, inForce: async () => 'file' },
      workers: { run: async () => [] },
    } as unknown as ConstructorParameters<typeof Asker>[0]);
    const row = { turn: 0, attempts: 21 } as ResultRow;
    const { signal } = new AbortController();
    await asker.ask(row, signal);
    agent.instructions = 'Say what the questions of the gate expect.';
    await asker.ask(row, signal);
    expect(asked).toEqual(['Be brief.']);
    expect(ended).toEqual([
      {
        status: 'incomplete',
        reason: expect.stringContaining('was changed while'),
      },
    ]);
  });

  it.each([
    [false, /^waiting$/],
    [true, /^incomplete .*for an hour.*Too many runs wait already/],
  ])(
    'waits for room, and ends when there was none for an hour: %s',
    async (isStuck, told) => {
      const agent = { ref: 'agent:default/desk' } as SaidAgent;
      const done: unknown[] = [];
      const asker = new Asker({
        dataSets: { caseOf: async () => ITEM },
        evaluations: {
          get: async () => ({
            agent_ref: agent.ref,
            subject_digest: subjectDigest(agent, undefined, 'file'),
          }),
          end: async (_: unknown, { status, reason }: EvaluationRow) =>
            done.push(status, reason),
          isStuck: async () => isStuck,
        },
        logger: mockServices.logger.mock(),
        questions: {
          finish: async () => true,
          putBack: async () => done.push('waiting'),
        },
        rehearsals: {
          start: async () => {
            throw new LaterError('Too many runs wait already.', {
              afterMs: 1,
              isQueued: true,
            });
          },
        },
        subjects: { said: async () => agent, inForce: async () => 'file' },
      } as unknown as ConstructorParameters<typeof Asker>[0]);
      const row = { turn: 0, attempts: 0 } as ResultRow;
      const isDone = await asker.ask(row, new AbortController().signal);
      expect(isDone).toBe(isStuck);
      expect(done.join(' ')).toMatch(told);
    },
  );
});
