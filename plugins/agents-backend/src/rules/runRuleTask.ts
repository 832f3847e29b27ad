import {
  checkRules,
  type RecordedCall,
  type Rule,
  type RuledTool,
  type RuleProblem,
  type RuleSettings,
  type RuleText,
  type Simulation,
  simulateRules,
} from '@agentportal/agent-rules';

/** What is done with a text that somebody wrote. */
export interface RuleTask {
  source: RuleText;
  tools: RuledTool[];
  /** Calls to try it on. */
  replay?: {
    calls: RecordedCall[];
    settings: RuleSettings;
    page: { limit: number; offset: number };
  };
}

export interface RuleTaskResult {
  rules: Rule[];
  problems: RuleProblem[];
  simulation?: Simulation;
}

/** Runs in a process of its own. */
export function runRuleTask(task: RuleTask): RuleTaskResult {
  const { source, tools, replay } = task;
  const checked = checkRules(source, tools);
  if (!replay || checked.problems.length) {
    return checked;
  }
  return {
    ...checked,
    simulation: simulateRules({ rules: checked.rules, tools, ...replay }),
  };
}
