import type { CaseResult, Evaluation } from '@agentportal/plugin-evals-common';
import { runAgentPortal } from './runAgentPortal';
import { junitOf, summaryOf } from './report';

const evaluation = {
  agentRef: 'agent:default/desk',
  label: 'In force',
  dataSetTitle: 'A "set" & more',
  dataSetVersion: 3,
  counts: { cases: 3, passed: 1, failed: 1, incomplete: 1, waiting: 0 },
  passRate: { value: 0.5, low: 0.1, high: 0.9 },
} as Evaluation;
const results: CaseResult[] = [
  { caseId: 'a', ask: 'A?', outcome: 'passed', trials: [] },
  {
    caseId: 'b',
    ask: 'B | <img src=x>\n# B?',
    outcome: 'failed',
    trials: [
      {
        outcome: 'failed',
        answer: '',
        calls: [],
        checks: [
          { evaluator: 'facts', outcome: 'failed', reason: 'No "x"\u0007.' },
        ],
      },
    ],
  },
  { caseId: 'c', ask: 'C?', outcome: 'incomplete', trials: [] },
];

describe('the report of an evaluation', () => {
  it('leaves what others wrote no way out of its cell', () => {
    const summary = summaryOf({ evaluation, results });
    expect(summary).toContain('## In force: 1 of 3 right');
    expect(summary).toContain('Right: 50.0 % (10.0 % to 90.0 %).');
    expect(summary).toContain(
      '| b | B \\| \\<img src=x\\> \\# B? | facts: No "x"',
    );
  });

  it('is XML that pipelines can read', () => {
    const xml = junitOf(evaluation, results);
    expect(xml).toContain(
      '<testsuite name="A &#34;set&#34; &#38; more" tests="3" failures="1" skipped="1">',
    );
    expect(xml).toContain('<failure message="facts: No &#34;x&#34;."/>');
    expect(xml).not.toContain('\u0007');
  });
});

describe('the command', () => {
  it.each([
    [['evals', 'run'], {}, /AGENT_PORTAL_TOKEN/],
    [['evals', 'run'], { AGENT_PORTAL_TOKEN: 'x' }, /--data-set/],
    [['evals', 'walk'], { AGENT_PORTAL_TOKEN: 'x' }, /no command "evals walk"/],
    [['evals', 'run', '--what'], {}, /--what/],
  ])('says what is missing in %p', async (args, env, expected) => {
    const said: string[] = [];
    const code = await runAgentPortal(args, {
      env,
      err: text => said.push(text),
    });
    expect([code, said.join('')]).toEqual([2, expect.stringMatching(expected)]);
  });
});
