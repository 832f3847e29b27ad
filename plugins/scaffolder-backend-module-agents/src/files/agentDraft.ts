import type { AgentQuotas, Autonomy } from '@agentportal/plugin-agents-common';

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
  instructions: string;
  /** Entity ref of a Model or route. */
  model: string;
  /** Entity refs of tools. */
  tools: string[];
  autonomy: Autonomy;
  dataClassification?: 'public' | 'internal' | 'confidential' | 'restricted';
  exampleQuestions: string[];
  tags: string[];
  /** What the agent may spend in a calendar month (UTC), in US dollars. */
  monthlyBudgetUsd?: number;
  quotas: AgentQuotas;
  /** Makes it work by itself, in its own name. */
  schedule?: { cron: string; timeZone?: string; message: string };
}
