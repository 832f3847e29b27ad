import {
  AuthorizeResult,
  PermissionCondition,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  RESOURCE_TYPE_BUDGET,
  RESOURCE_TYPE_CALL,
  RESOURCE_TYPE_KEY,
  RESOURCE_TYPE_ROUTE,
} from '@agentportal/plugin-models-common';
import { RESOURCE_TYPE_AUDIT_ENTRY } from '@agentportal/plugin-governance-common';
import { RESOURCE_TYPE_RUN } from '@agentportal/plugin-orchestration-common';
import { RESOURCE_TYPE_TOOL } from '@agentportal/plugin-tools-common';
import { RESOURCE_TYPE_TRACE } from '@agentportal/plugin-traces-common';
import {
  RESOURCE_TYPE_AGENT,
  RESOURCE_TYPE_APPROVAL,
} from '@agentportal/plugin-agents-common';
import type { RiskTier } from '@agentportal/plugin-agents-common';
import type { Caller } from './callers';

/** Decides for one caller. */
export type Answer = (caller: Caller) => PolicyDecision;

/** Yes, without a condition. */
export const yes: Answer = () => ({ result: AuthorizeResult.ALLOW });

/** No. */
export const no: Answer = () => ({ result: AuthorizeResult.DENY });

/** Only for catalog entities that the caller, or one of its groups, owns. */
export const ownEntities: Answer = caller =>
  anyOf('catalog', 'catalog-entity', [
    { rule: 'IS_ENTITY_OWNER', params: { claims: caller.ownershipRefs } },
  ]);

const ownedAgent = (caller: Caller): Rule => ({
  rule: 'IS_AGENT_OWNER',
  params: { claims: caller.ownershipRefs },
});

/** Only for agents that the caller, or one of its groups, owns. */
export const ownAgents: Answer = caller =>
  anyOf('agents', RESOURCE_TYPE_AGENT, [ownedAgent(caller)]);

/** Only for agents that the caller owns or answers for. */
export const answeredAgents: Answer = caller =>
  anyOf('agents', RESOURCE_TYPE_AGENT, [
    ownedAgent(caller),
    { rule: 'IS_AGENT_SPONSOR', params: { userRefs: [caller.ref] } },
  ]);

const approvalsOf = (claims: string[]) =>
  anyOf('agents', RESOURCE_TYPE_APPROVAL, [
    { rule: 'IS_APPROVAL_PARTY', params: { claims } },
  ]);

/** Only for requests that the caller made or that are made for the caller. */
export const ownApprovals: Answer = caller => approvalsOf([caller.ref]);

/** Only for requests that the caller, or one of its groups, is asked or concerned by. */
export const concernedApprovals: Answer = caller =>
  approvalsOf(caller.ownershipRefs);

const isAction = (actionId: string): Rule => ({
  rule: 'HAS_ACTION_ID',
  params: { actionId },
});

/** Only for what a template does to make an agent on this portal, and nowhere else. */
export const localAgentActions: Answer = () =>
  anyOf('scaffolder', 'scaffolder-action', [
    isAction('agentportal:agent:write'),
    isAction('agentportal:publish:local'),
    isAction('agentportal:agent:register'),
  ]);

/** Only for scaffolder tasks that the caller started. */
export const ownTasks: Answer = caller =>
  anyOf('scaffolder', 'scaffolder-task', [
    { rule: 'IS_TASK_OWNER', params: { createdBy: [caller.ref] } },
  ]);

const startedByCaller = (caller: Caller): Rule => ({
  rule: 'IS_RUN_CREATOR',
  params: { userRef: caller.ref },
});

/** Only for runs that the caller started. */
export const startedRuns: Answer = caller =>
  anyOf('orchestration', RESOURCE_TYPE_RUN, [startedByCaller(caller)]);

/** Only for runs that the caller started, or of agents that the caller owns. */
export const ownRuns: Answer = caller =>
  anyOf('orchestration', RESOURCE_TYPE_RUN, [
    startedByCaller(caller),
    { rule: 'IS_RUN_AGENT_OWNER', params: { claims: caller.ownershipRefs } },
  ]);

const madeForCaller = (caller: Caller): Rule => ({
  rule: 'IS_CALL_USER',
  params: { userRef: caller.ref },
});

/** Only for calls of models that were made for the caller. */
export const madeCalls: Answer = caller =>
  anyOf('models', RESOURCE_TYPE_CALL, [madeForCaller(caller)]);

/** Only for calls that were made for the caller, or of its agents and keys. */
export const ownCalls: Answer = caller =>
  anyOf('models', RESOURCE_TYPE_CALL, [
    madeForCaller(caller),
    { rule: 'IS_CALL_OWNER', params: { claims: caller.ownershipRefs } },
  ]);

/** Only for budgets of what the caller, or one of its groups, owns. */
export const ownBudgets: Answer = caller =>
  anyOf('models', RESOURCE_TYPE_BUDGET, [
    {
      rule: 'IS_BUDGET_SCOPE_OWNER',
      params: { claims: caller.ownershipRefs },
    },
  ]);

/** Only for routes that the caller, or one of its groups, owns. */
export const ownRoutes: Answer = caller =>
  anyOf('models', RESOURCE_TYPE_ROUTE, [
    { rule: 'IS_ROUTE_OWNER', params: { claims: caller.ownershipRefs } },
  ]);

/** Only for keys that belong to the caller or one of its groups. */
export const ownKeys: Answer = caller =>
  anyOf('models', RESOURCE_TYPE_KEY, [
    { rule: 'IS_KEY_OWNER', params: { claims: caller.ownershipRefs } },
  ]);

/** Only for entries of the audit log that name the caller, or are about its agents. */
export const ownAudit: Answer = caller =>
  anyOf('governance', RESOURCE_TYPE_AUDIT_ENTRY, [
    { rule: 'IS_ABOUT_PERSON', params: { userRef: caller.ref } },
    { rule: 'IS_AUDIT_AGENT_OWNER', params: { claims: caller.ownershipRefs } },
  ]);

const tracedForCaller = (caller: Caller): Rule => ({
  rule: 'IS_TRACE_USER',
  params: { userRef: caller.ref },
});

/** Only for traces of what was done for the caller. */
export const tracesForCaller: Answer = caller =>
  anyOf('traces', RESOURCE_TYPE_TRACE, [tracedForCaller(caller)]);

/** Only for traces of what was done for the caller, or by agents that the caller owns. */
export const ownTraces: Answer = caller =>
  anyOf('traces', RESOURCE_TYPE_TRACE, [
    tracedForCaller(caller),
    {
      rule: 'IS_TRACE_AGENT_OWNER',
      params: { claims: caller.ownershipRefs },
    },
  ]);

/** Only for tools of these risk tiers. */
export function toolsOfTiers(...tiers: RiskTier[]): Answer {
  return () =>
    anyOf('tools', RESOURCE_TYPE_TOOL, [
      { rule: 'HAS_RISK_TIER', params: { tiers } },
    ]);
}

/**
 * Only for tools that the caller owns, of servers that somebody vouches for. Who
 * registers a server owns it, and must not be the one who says that it may be trusted.
 */
export const ownVouchedForTools: Answer = caller =>
  anyOf('tools', RESOURCE_TYPE_TOOL, [
    {
      rule: 'IS_VOUCHED_FOR_TOOL_OWNER',
      params: { claims: caller.ownershipRefs },
    },
  ]);

// The rules live in backends. Naming them here, instead of importing their
// `conditions`, keeps this module free of a dependency on any backend; the
// permission framework refuses a rule that the backend does not know.
function anyOf(
  pluginId: string,
  resourceType: string,
  rules: [Rule, ...Rule[]],
): PolicyDecision {
  const [first, ...rest] = rules.map(
    (rule): PermissionCondition => ({ ...rule, resourceType }),
  );
  return {
    result: AuthorizeResult.CONDITIONAL,
    pluginId,
    resourceType,
    conditions: { anyOf: [first, ...rest] },
  };
}

type Rule = Pick<PermissionCondition, 'rule' | 'params'>;
