import type { EvalCase } from '@agentportal/plugin-evals-common';
import type { Run } from '@agentportal/plugin-orchestration-common';
import { mockServices } from '@backstage/backend-test-utils';
import { Asker } from './Asker';
import { type ResultRow, toTrial } from './rows';

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
