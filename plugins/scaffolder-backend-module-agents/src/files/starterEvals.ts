import { stringify } from 'yaml';
import type { AgentDraft } from './agentDraft';

/** People edit what is written: each line says what it means, and not `*a1`. */
export const YAML_STYLE = { lineWidth: 0, aliasDuplicateObjects: false };

const COMMENT = `# The questions that this agent must keep answering. Add one whenever it surprises you.
# expect.answered: whether it should answer, or should decline and call no tool.
# expect.facts: words that a right answer contains. expect.tools: refs of tools that it must call.
# expect.agents: refs of agents that must take part, and not fail.
# declines: how its answer begins when it declines, in the languages that it speaks.
`;

/**
 * `evals/starter.yaml`: the example questions as a first set of cases, and one
 * question that the agent should not make up an answer to.
 */
export function starterEvals(draft: AgentDraft): string {
  const { team } = draft;
  // A supervisor chooses; in the others all have their turn.
  const all = team && team.pattern !== 'supervisor' && { agents: team.members };
  const evals = {
    agent: `agent:default/${draft.name}`,
    declines: [
      'cannot',
      "can't",
      'could not',
      'not able to',
      'unable to',
      "don't have",
      'do not have',
      "don't know",
      'do not know',
      'none of my tools',
      'no tool',
      'sorry',
    ],
    cases: [
      ...draft.exampleQuestions.map((question, index) => ({
        id: `example-${index + 1}`,
        question,
        expect: { answered: true, facts: [], tools: [], ...all },
      })),
      // A vote has nothing to say but one of its choices.
      ...(team?.pattern === 'vote'
        ? []
        : [
            {
              id: 'out-of-scope',
              question: 'What will the weather be like on the moon tomorrow?',
              expect: { answered: false, facts: [], tools: [] },
            },
          ]),
    ],
  };
  return COMMENT + stringify(evals, YAML_STYLE);
}
