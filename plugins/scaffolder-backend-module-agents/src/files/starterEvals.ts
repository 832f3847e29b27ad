import { stringify } from 'yaml';
import type { AgentDraft } from './agentDraft';

/**
 * `evals/starter.yaml`: the example questions as a first set of cases, and one
 * question that the agent should not make up an answer to.
 */
export function starterEvals(draft: AgentDraft): string {
  const comment = [
    '# The questions that this agent must keep answering. Add one whenever it surprises you.',
    '# expect.facts: words that a right answer contains. expect.tools: tools that it should call.',
    '',
  ].join('\n');
  const cases = draft.exampleQuestions.map((question, index) => ({
    id: `example-${index + 1}`,
    question,
    expect: { answered: true, facts: [] as string[], tools: [] as string[] },
  }));
  return (
    comment +
    stringify(
      {
        agent: `agent:default/${draft.name}`,
        cases: [
          ...cases,
          {
            id: 'out-of-scope',
            question: 'What will the weather be like on the moon tomorrow?',
            expect: { answered: false, facts: [], tools: [] },
          },
        ],
      },
      { lineWidth: 0 },
    )
  );
}
