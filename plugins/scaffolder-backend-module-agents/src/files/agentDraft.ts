import type { AgentQuotas, Autonomy } from '@agentportal/plugin-agents-common';

/** How agents work together. */
export interface Team {
  pattern: 'pipeline' | 'supervisor' | 'vote';
  /** Full entity refs of agents; in a pipeline the first one begins. */
  members: string[];
  /** Of a vote: the words by which an answer is known to mean a choice. */
  choices: string[];
}

/** What the form of a golden path tells about an agent to be. */
export interface AgentDraft {
  name: string;
  title: string;
  description: string;
  /** Full entity ref of a group or user. */
  owner: string;
  /** Full entity ref of the person who answers for the agent. */
  sponsor?: string;
  system?: string;
  /** What it is told, and the entity ref of what it thinks with; not every team thinks itself. */
  instructions?: string;
  model?: string;
  /** Entity refs of tools. */
  tools: string[];
  autonomy: Autonomy;
  dataClassification?: 'public' | 'internal' | 'confidential' | 'restricted';
  exampleQuestions: string[];
  tags: string[];
  /** What the agent may spend in a calendar month (UTC), in US dollars. */
  monthlyBudgetUsd?: number;
  quotas: AgentQuotas;
  /** Makes it a workflow of other agents. */
  team?: Team;
  /** Makes it work by itself, in its own name. */
  schedule?: { cron: string; timeZone?: string; message: string };
}
