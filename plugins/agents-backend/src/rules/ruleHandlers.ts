import {
  agentsAccessReadPermission,
  type AgentsOperations,
  agentsRuleManagePermission,
  agentsRuleReadPermission,
} from '@agentportal/plugin-agents-common';
import {
  isAgentPrincipal,
  type OperationHandlers,
  PermissionDecisions,
  principalNameOf,
} from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type BasicPermission,
} from '@backstage/plugin-permission-common';
import { requirePlugin } from '../api/requireService';
import type { AgentRecords } from '../identities/AgentRecords';
import { agentPermissionResourceRef } from '../permissions';
import type { RuleHitStore } from './RuleHitStore';
import type { Rules } from './Rules';
import type { RuleTrial } from './RuleTrial';
import type { DecisionQuestion, WhatIf } from './WhatIf';

type RuleOperations = Pick<
  AgentsOperations,
  | 'ListRuleTexts'
  | 'PutRuleText'
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
  rules: Rules;
  whatIf: WhatIf;
  trial: RuleTrial;
  hits: RuleHitStore;
  records: AgentRecords;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  auditor: AuditorService;
}): OperationHandlers<RuleOperations> {
  const { rules, whatIf, trial, hits, records, permissions, auditor } = options;
  const onAgents = new PermissionDecisions({
    permissions,
    permissionsRegistry: options.permissionsRegistry,
    resourceRef: agentPermissionResourceRef,
  });

  async function require(
    permission: BasicPermission,
    credentials: BackstageCredentials,
  ): Promise<string> {
    refuseAgents(credentials);
    const [{ result }] = await permissions.authorize([{ permission }], {
      credentials,
    });
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `This takes the permission ${permission.name}. Ask the people who run the portal.`,
      );
    }
    return principalNameOf(credentials) ?? 'unknown';
  }

  async function requireAccess(
    questions: DecisionQuestion[],
    credentials: BackstageCredentials,
  ): Promise<void> {
    refuseAgents(credentials);
    const { always, allows } = await onAgents.allower(
      agentsAccessReadPermission,
      credentials,
    );
    if (always) {
      return;
    }
    const refs = [...new Set(questions.map(({ agentRef }) => agentRef))];
    const agents = await records.resources(refs);
    const hidden = refs.find((_, i) => !agents[i] || !allows(agents[i]));
    if (hidden) {
      throw new NotAllowedError(
        `You may not see what ${hidden} may do, which takes the permission ${agentsAccessReadPermission.name}. Ask its owner.`,
      );
    }
  }

  return {
    ListRuleTexts: async ({ query, credentials }) => {
      await require(agentsRuleReadPermission, credentials);
      return rules.page(query as { limit: number; cursor?: string });
    },
    PutRuleText: async ({ path, body, credentials, request }) => {
      const by = await require(agentsRuleManagePermission, credentials);
      const event = await auditor.createEvent({
        eventId: 'rules-change',
        severityLevel: 'high',
        request,
        meta: { name: path.ruleText, mode: body.mode, comment: body.comment },
      });
      try {
        const written = await rules.put(path.ruleText, body, by);
        await event.success({ meta: { version: written.version } });
        return written;
      } catch (error) {
        await event.fail({ error: error as Error });
        throw error;
      }
    },
    ListRuleTextVersions: async ({ path, query, credentials }) => {
      await require(agentsRuleReadPermission, credentials);
      return rules.versions(
        path.ruleText,
        query as { limit: number; cursor?: string },
      );
    },
    CheckRuleText: async ({ body, credentials }) => {
      const by = await require(agentsRuleReadPermission, credentials);
      return rules.check(body.text, by);
    },
    SimulateRules: async ({ body, credentials }) => {
      const by = await require(agentsRuleManagePermission, credentials);
      return trial.simulate(body, by);
    },
    GetRuleReport: async ({ query, credentials }) => {
      await require(agentsRuleReadPermission, credentials);
      return hits.report(
        query as { days: number; limit: number; cursor?: string },
      );
    },
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
    Decide: async ({ body, credentials }) => {
      await requireAccess(body.items, credentials);
      return { items: await whatIf.decide(body.items) };
    },
  };
}

function refuseAgents(credentials: BackstageCredentials): void {
  if (isAgentPrincipal(credentials)) {
    throw new NotAllowedError(
      'Agents neither read nor write the rules for agents. Ask a person.',
    );
  }
}
