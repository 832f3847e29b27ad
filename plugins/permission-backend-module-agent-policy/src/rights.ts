import {
  agentsAccessReadPermission,
  agentsAgentCreatePermission,
  agentsAgentReadPermission,
  agentsAgentSuspendPermission,
  agentsApprovalDecidePermission,
  agentsApprovalReadPermission,
  agentsAgentUpdatePermission,
  agentsCredentialManagePermission,
  agentsGrantManagePermission,
  agentsRuleManagePermission,
  agentsRuleReadPermission,
} from '@agentportal/plugin-agents-common';
import {
  evaluationManagePermission,
  evaluationReadPermission,
  scorecardReadPermission,
} from '@agentportal/plugin-evals-common';
import {
  auditErasePermission,
  auditExportPermission,
  auditHoldPermission,
  auditReadPermission,
  auditViewPermission,
} from '@agentportal/plugin-governance-common';
import {
  budgetReadPermission,
  budgetWritePermission,
  cachePurgePermission,
  costReadPermission,
  keyCreatePermission,
  keyManagePermission,
  keyReadPermission,
  managementViewPermission,
  modelReadPermission,
  modelUsePermission,
  routeWritePermission,
} from '@agentportal/plugin-models-common';
import {
  candidateRunPermission,
  runCancelPermission,
  runCreatePermission,
  runReadPermission,
  triggerManagePermission,
} from '@agentportal/plugin-orchestration-common';
import {
  serverRefreshPermission,
  toolCallPermission,
  toolChangeDecidePermission,
  toolReadPermission,
} from '@agentportal/plugin-tools-common';
import {
  spanWritePermission,
  traceFlagPermission,
  traceReadPermission,
} from '@agentportal/plugin-traces-common';
import {
  type Answer,
  answeredAgents,
  concernedApprovals,
  localAgentActions,
  ownAgents,
  ownApprovals,
  madeCalls,
  no,
  ownAudit,
  ownBudgets,
  ownCalls,
  ownEntities,
  ownRoutes,
  ownKeys,
  ownRuns,
  ownTasks,
  ownTraces,
  ownVouchedForTools,
  startedRuns,
  tracesForCaller,
  toolsOfTiers,
  yes,
} from './answers';
import type { Standing } from './callers';

/** Who has a permission. Agents have none unless it is said here, or was granted to one. */
type Right = Partial<Record<Standing, Answer>>;

const everyone: Right = { guest: yes, member: yes, admin: yes };
// What an agent needs for its work. Which tools and which model of all it may use, the
// gateways decide by what it declares.
const everyoneAndAgents: Right = { ...everyone, agent: yes };
const members: Right = { guest: no, member: yes, admin: yes };
const admins: Right = { guest: no, member: no, admin: yes };
const keys: Right = { guest: no, member: ownKeys, admin: yes };
// Guests are told apart from each other by nothing, so what is their group's is
// not theirs.
const runs: Right = { guest: startedRuns, member: ownRuns, admin: ownRuns };

/**
 * Every permission that the policy knows, by name. The README of this package
 * shows the same table to people; a test keeps the two together.
 */
export const RIGHTS: ReadonlyMap<string, Right> = new Map<string, Right>([
  // Agents
  [agentsAgentReadPermission.name, everyoneAndAgents],
  [agentsAgentCreatePermission.name, everyone],
  [
    // It tells who works with an agent on what.
    agentsAccessReadPermission.name,
    { guest: no, member: answeredAgents, admin: yes },
  ],
  [
    agentsCredentialManagePermission.name,
    { guest: no, member: ownAgents, admin: yes },
  ],
  [
    agentsAgentSuspendPermission.name,
    { guest: no, member: answeredAgents, admin: yes },
  ],
  [
    agentsAgentUpdatePermission.name,
    { guest: no, member: ownAgents, admin: yes },
  ],
  [agentsGrantManagePermission.name, admins],
  // Rules tell what is looked out for, and a trial what people asked.
  [agentsRuleReadPermission.name, members],
  [agentsRuleManagePermission.name, admins],
  // They hold what agents were about to do for people. Who decides is said by the request.
  [
    agentsApprovalReadPermission.name,
    { guest: ownApprovals, member: concernedApprovals, admin: yes },
  ],
  [
    agentsApprovalDecidePermission.name,
    { guest: no, member: concernedApprovals, admin: concernedApprovals },
  ],

  // Runs hold conversations, so not even the people who run the portal read
  // those of others.
  // An agent hands work to those that it declares, and starts runs of no others.
  [runCreatePermission.name, everyoneAndAgents],
  [runReadPermission.name, runs],
  [runCancelPermission.name, runs],
  [triggerManagePermission.name, { guest: no, member: ownAgents, admin: yes }],
  [
    candidateRunPermission.name,
    // Of agents only those that work for a person ask, and the person is who decides.
    { guest: no, member: ownAgents, admin: yes, agent: yes },
  ],

  // Models
  [modelReadPermission.name, everyoneAndAgents],
  [modelUsePermission.name, everyoneAndAgents],
  [costReadPermission.name, { guest: madeCalls, member: ownCalls, admin: yes }],
  // Only decides whether the interface offers the pages.
  [managementViewPermission.name, members],
  [budgetReadPermission.name, members],
  [budgetWritePermission.name, { guest: no, member: ownBudgets, admin: yes }],
  [routeWritePermission.name, { guest: no, member: ownRoutes, admin: yes }],
  [keyReadPermission.name, keys],
  [keyCreatePermission.name, keys],
  [keyManagePermission.name, keys],
  // Of their own answers people may do it without.
  [cachePurgePermission.name, admins],

  // Tools
  [toolReadPermission.name, everyoneAndAgents],
  [serverRefreshPermission.name, everyone],
  [
    toolChangeDecidePermission.name,
    { guest: no, member: ownVouchedForTools, admin: yes },
  ],
  [
    toolCallPermission.name,
    {
      guest: toolsOfTiers('read', 'write'),
      member: toolsOfTiers('read', 'write', 'external', 'critical'),
      admin: toolsOfTiers('read', 'write', 'external', 'critical'),
      agent: toolsOfTiers('read', 'write', 'external', 'critical'),
    },
  ],

  // Audit log
  [auditReadPermission.name, { guest: no, member: ownAudit, admin: yes }],
  // Only decides whether the interface offers the page.
  [auditViewPermission.name, members],
  [auditExportPermission.name, admins],
  [auditErasePermission.name, admins],
  [auditHoldPermission.name, admins],

  // Traces tell how agents worked and not what was said, unless the portal is told to
  // keep that.
  [
    traceReadPermission.name,
    { guest: tracesForCaller, member: ownTraces, admin: yes },
  ],
  [traceFlagPermission.name, { guest: no, member: ownTraces, admin: yes }],
  // An agent sends its own spans without it.
  [spanWritePermission.name, admins],

  // Evaluations hold what agents answered, and starting one spends the agent's money.
  [evaluationReadPermission.name, { guest: no, member: ownAgents, admin: yes }],
  [
    evaluationManagePermission.name,
    { guest: no, member: ownAgents, admin: yes },
  ],
  // Levels and figures, no conversations.
  [scorecardReadPermission.name, everyone],

  // Catalog
  ['catalog.entity.read', everyoneAndAgents],
  // Only decides whether the interface offers "Create".
  ['catalog.entity.create', everyone],
  [
    'catalog.entity.refresh',
    { guest: ownEntities, member: ownEntities, admin: yes },
  ],
  ['catalog.entity.delete', { guest: no, member: ownEntities, admin: yes }],
  ['catalog.entity.validate', members],
  ['catalog.location.read', everyone],
  ['catalog.location.create', members],
  ['catalog.location.analyze', members],
  // A basic permission: it cannot be limited to what the caller owns.
  ['catalog.location.delete', admins],
  ['catalog.ingestion.read', admins],
  ['catalog.ingestion.manage', admins],

  // Scaffolder
  // The others read and write wherever the portal's own tokens reach.
  [
    'scaffolder.action.execute',
    { guest: localAgentActions, member: yes, admin: yes },
  ],
  ['scaffolder.template.parameter.read', everyone],
  ['scaffolder.template.step.read', everyone],
  ['scaffolder.template.dry-run', members],
  ['scaffolder.template.management', members],
  ['scaffolder.task.create', everyone],
  ['scaffolder.task.read', { guest: ownTasks, member: ownTasks, admin: yes }],
  ['scaffolder.task.cancel', { guest: ownTasks, member: ownTasks, admin: yes }],
]);
