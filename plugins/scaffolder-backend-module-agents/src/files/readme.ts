import type { Autonomy } from '@agentportal/plugin-agents-common';
import type { AgentDraft } from './agentDraft';

const AUTONOMY_IN_WORDS: Record<Autonomy, string> = {
  copilot: 'It only reads; a person does the rest.',
  supervised: 'It reads and writes data of our own without asking.',
  autopilot:
    'It reads, writes and reaches systems outside the company without asking.',
};

/** `README.md` of the repository. */
export function readme(draft: AgentDraft): string {
  const { instructions, model, team } = draft;
  const list = (refs: string[]) => refs.map(ref => `- \`${ref}\``).join('\n');
  return `# ${draft.title}

${draft.description}

| | |
| --- | --- |
| Owner | \`${draft.owner}\` |
| Sponsor | ${draft.sponsor ? `\`${draft.sponsor}\`` : 'nobody yet'} |
${model ? `| Model | \`${model}\` |\n` : ''}| Autonomy | ${draft.autonomy}. ${
    AUTONOMY_IN_WORDS[draft.autonomy]
  } |

${
  team
    ? `## Members (${team.pattern})\n\n${list(team.members)}`
    : `## Tools\n\n${
        list(draft.tools) || 'None. It answers from its instructions alone.'
      }`
}

## Changing it

| file | what it is |
| --- | --- |
| \`catalog-info.yaml\` | the agent as the portal knows it: owner, ${
    team ? 'members and how they work together' : 'model, tools'
  }, budget of a month, limits of a run |
${
  instructions
    ? '| `instructions.md` | what the agent is told before every conversation |\n'
    : ''
}| \`evals/starter.yaml\` | questions that it must keep answering |
| \`evals/ask.mjs\` | asks them, and fails when an answer is not as expected |
| \`.github/workflows/evals.yaml\` | a sample that asks them on every pull request |

Commit a change and the portal picks it up by itself. The lifecycle is \`experimental\`; \`production\` needs a sponsor.
`;
}
