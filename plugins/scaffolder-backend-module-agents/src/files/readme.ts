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
  const tools = draft.tools.map(ref => `- \`${ref}\``);
  return `# ${draft.title}

${draft.description}

| | |
| --- | --- |
| Owner | \`${draft.owner}\` |
| Sponsor | ${draft.sponsor ? `\`${draft.sponsor}\`` : 'nobody yet'} |
| Model | \`${draft.model}\` |
| Autonomy | ${draft.autonomy}. ${AUTONOMY_IN_WORDS[draft.autonomy]} |

## Tools

${
  tools.length
    ? tools.join('\n')
    : 'None. It answers from its instructions alone.'
}

## Changing it

| file | what it is |
| --- | --- |
| \`catalog-info.yaml\` | the agent as the portal knows it: owner, model, tools, budget of a month, limits of a run |
| \`instructions.md\` | what the agent is told before every conversation |
| \`evals/starter.yaml\` | questions that it must keep answering |
| \`evals/ask.mjs\` | asks them, and fails when an answer is not as expected |
| \`.github/workflows/evals.yaml\` | a sample that asks them on every pull request |

Commit a change and the portal picks it up by itself. The lifecycle is \`experimental\`; \`production\` needs a sponsor.
`;
}
