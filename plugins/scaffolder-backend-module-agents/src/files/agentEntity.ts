import {
  AGENT_PORTAL_API_VERSION,
  type AgentEntity,
  agentRefsOf,
  MONTHLY_BUDGET_ANNOTATION,
  validateAgentEntity,
} from '@agentportal/plugin-agents-common';
import { validateWorkflow } from '@agentportal/plugin-orchestration-common';
import { DEFAULT_NAMESPACE, type Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { AgentDraft, Team } from './agentDraft';

/**
 * The catalog entity of a new agent, checked as the catalog will check it.
 *
 * @throws InputError that lists everything wrong with it.
 */
export function agentEntity(draft: AgentDraft): Entity {
  const spec: JsonObject = {
    type: draft.team ? 'workflow' : 'assistant',
    lifecycle: 'experimental',
    owner: draft.owner,
    ...(draft.sponsor && { sponsor: draft.sponsor }),
    ...(draft.system && { system: draft.system }),
    ...(!draft.team && { framework: 'langgraph' }),
    autonomy: draft.autonomy,
    ...(draft.dataClassification && {
      dataClassification: draft.dataClassification,
    }),
    ...(draft.instructions && { instructions: { $text: './instructions.md' } }),
    ...(draft.model && { model: draft.model }),
    ...(draft.tools.length > 0 && { tools: draft.tools }),
    ...(Object.keys(draft.quotas).length > 0 && {
      quotas: { ...draft.quotas },
    }),
    ...(draft.exampleQuestions.length > 0 && {
      exampleQuestions: draft.exampleQuestions,
    }),
    ...(draft.team && {
      handoffs: draft.team.members,
      workflow: workflowOf(draft.team),
    }),
    ...(draft.schedule && {
      identity: 'own',
      triggers: [{ name: 'schedule', type: 'schedule', ...draft.schedule }],
    }),
  };
  const entity: Entity = {
    apiVersion: AGENT_PORTAL_API_VERSION,
    kind: 'Agent',
    metadata: {
      name: draft.name,
      title: draft.title,
      description: draft.description,
      ...(draft.monthlyBudgetUsd && {
        annotations: {
          [MONTHLY_BUDGET_ANNOTATION]: String(draft.monthlyBudgetUsd),
        },
      }),
      ...(draft.tags.length > 0 && { tags: draft.tags }),
    },
    spec,
  };
  try {
    validateAgentEntity(entity);
    const [problem] = draft.team
      ? validateWorkflow(spec.workflow, {
          ...agentRefsOf(entity as AgentEntity),
          namespace: DEFAULT_NAMESPACE,
        })
      : [];
    if (problem) {
      throw new InputError(problem.message);
    }
  } catch (error) {
    throw new InputError(
      `The agent cannot be created as it is: ${(error as Error).message}`,
    );
  }
  return entity;
}

function workflowOf({ pattern, members, choices }: Team): JsonObject {
  return pattern === 'vote'
    ? {
        pattern,
        voters: members,
        choices: choices.map(word => ({
          id: word.toLocaleLowerCase('en-US').replaceAll(/[^a-z0-9]+/g, '-'),
          says: [word],
        })),
      }
    : { pattern, agents: members };
}
