import type { RuleTextsClient } from '@agentportal/plugin-agents-common';
import { createApiRef } from '@backstage/frontend-plugin-api';

/** What people do with the rules for tool calls, which the agents backend keeps. */
export type RuleTextsApi = Pick<
  RuleTextsClient,
  | 'listRuleTexts'
  | 'listRuleTextVersions'
  | 'putRuleText'
  | 'deleteRuleText'
  | 'simulateRules'
  | 'getRuleReport'
>;

/** The rules, as the signed-in person. */
export const ruleTextsApiRef = createApiRef<RuleTextsApi>().with({
  id: 'plugin.governance.rule-texts',
  pluginId: 'governance',
});
