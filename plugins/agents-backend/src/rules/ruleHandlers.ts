import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import { requirePlugin } from '../api/requireService';
import type { AuthorizedRules } from './AuthorizedRules';
import type { RuleHitStore } from './RuleHitStore';
import type { Rules } from './Rules';

type RuleOperations = Pick<
  AgentsOperations,
  | 'ListRuleTexts'
  | 'PutRuleText'
  | 'DeleteRuleText'
  | 'ListRuleTextVersions'
  | 'CheckRuleText'
  | 'SimulateRules'
  | 'GetRuleReport'
  | 'GetEffectiveRules'
  | 'NoteRuleHits'
  | 'Decide'
>;

/** What people do with rules, and what the doors ask. */
export function ruleHandlers(options: {
  authorized: AuthorizedRules;
  rules: Rules;
  hits: RuleHitStore;
}): OperationHandlers<RuleOperations> {
  const { authorized, rules, hits } = options;
  return {
    ListRuleTexts: ({ query, credentials }) =>
      authorized.list(query, credentials),
    PutRuleText: ({ path, body, credentials, request }) =>
      authorized.put(path.ruleText, body, credentials, request),
    DeleteRuleText: ({ path, query, credentials, request }) =>
      authorized.remove(path.ruleText, query, credentials, request),
    ListRuleTextVersions: ({ path, query, credentials }) =>
      authorized.versions(path.ruleText, query, credentials),
    CheckRuleText: ({ body, credentials }) =>
      authorized.check(body.text, credentials),
    SimulateRules: ({ body, credentials, request }) =>
      authorized.simulate(body, credentials, request),
    GetRuleReport: ({ query, credentials }) =>
      authorized.report({ ...query, days: query.days! }, credentials),
    GetEffectiveRules: async ({ query, credentials }) => {
      requirePlugin(credentials);
      const { rules: all, ...rest } = await rules.effective();
      return query.version === rest.version
        ? rest
        : { ...rest, rules: all as Array<Record<string, unknown>> };
    },
    NoteRuleHits: async ({ body, credentials }) => {
      requirePlugin(credentials);
      await hits.note(body.hits);
    },
    Decide: ({ body, credentials }) =>
      authorized.decide(body.items, credentials),
  };
}
