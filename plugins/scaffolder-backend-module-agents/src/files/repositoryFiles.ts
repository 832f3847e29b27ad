import { stringify } from 'yaml';
import type { AgentDraft } from './agentDraft';
import { agentEntity } from './agentEntity';
import { EVALS_SCRIPT } from './evalsScript';
import { EVALS_WORKFLOW } from './evalsWorkflow';
import { readme } from './readme';
import { starterEvals, YAML_STYLE } from './starterEvals';

/** The files of a new agent's repository: path to content. */
export function repositoryFiles(draft: AgentDraft): Map<string, string> {
  return new Map([
    ['catalog-info.yaml', stringify(agentEntity(draft), YAML_STYLE)],
    ...(draft.instructions
      ? [['instructions.md', `${draft.instructions.trim()}\n`] as const]
      : []),
    ['evals/starter.yaml', starterEvals(draft)],
    ['evals/ask.mjs', EVALS_SCRIPT],
    ['README.md', readme(draft)],
    ['.github/workflows/evals.yaml', EVALS_WORKFLOW],
  ]);
}
