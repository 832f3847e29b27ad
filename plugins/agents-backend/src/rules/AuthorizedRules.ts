import {
  agentsAccessReadPermission,
  agentsRuleManagePermission,
  agentsRuleReadPermission,
} from '@agentportal/plugin-agents-common';
import {
  audited,
  isAgentPrincipal,
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
import type { Request } from 'express';
import type { AgentRecords } from '../identities/AgentRecords';
import { agentPermissionResourceRef } from '../permissions';
import type { RuleHitStore } from './RuleHitStore';
import type { Rules } from './Rules';
import type { RuleTrial } from './RuleTrial';
import type { DecisionQuestion, WhatIf } from './WhatIf';

interface Page {
  limit: number;
  cursor?: string;
}

/** What people do with rules, after the permission framework was asked. */
export type AuthorizedRules = ReturnType<typeof authorizeRules>;

export function authorizeRules(options: {
  rules: Rules;
  whatIf: WhatIf;
  trial: RuleTrial;
  hits: RuleHitStore;
  records: AgentRecords;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
  auditor: AuditorService;
}) {
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
    async list(page: Page, credentials: BackstageCredentials) {
      await require(agentsRuleReadPermission, credentials);
      return rules.page(page);
    },
    async put(
      name: string,
      change: Parameters<Rules['put']>[1],
      credentials: BackstageCredentials,
      request?: Request,
    ) {
      const { mode, comment } = change;
      return audited(
        auditor,
        {
          eventId: 'rules-change',
          severityLevel: 'high',
          meta: { name: `portal/${name}`, mode, comment },
          by: { credentials, request },
        },
        async () => {
          const by = await require(agentsRuleManagePermission, credentials);
          return rules.put(name, change, by);
        },
        ({ version }) => ({ version }),
      );
    },
    async remove(
      name: string,
      change: Parameters<Rules['remove']>[1],
      credentials: BackstageCredentials,
      request?: Request,
    ) {
      return audited(
        auditor,
        {
          eventId: 'rules-change',
          severityLevel: 'high',
          meta: { name: `portal/${name}`, removed: true, ...change },
          by: { credentials, request },
        },
        async () => {
          const by = await require(agentsRuleManagePermission, credentials);
          return rules.remove(name, change, by);
        },
      );
    },
    async versions(
      name: string,
      page: Page,
      credentials: BackstageCredentials,
    ) {
      await require(agentsRuleReadPermission, credentials);
      return rules.versions(name, page);
    },
    async check(text: string, credentials: BackstageCredentials) {
      const by = await require(agentsRuleReadPermission, credentials);
      return rules.check(text, by);
    },
    async simulate(
      trialled: Parameters<RuleTrial['simulate']>[0],
      credentials: BackstageCredentials,
      request?: Request,
    ) {
      // It shows what agents were called with, whoever they work for.
      return audited(
        auditor,
        {
          eventId: 'rule-trial',
          severityLevel: 'medium',
          meta: { from: trialled.from, to: trialled.to },
          by: { credentials, request },
        },
        async () => {
          const by = await require(agentsRuleManagePermission, credentials);
          return trial.simulate(trialled, by);
        },
        ({ calls, wouldRefuse }) => ({ calls, wouldRefuse }),
      );
    },
    async report(
      query: Page & { days: number },
      credentials: BackstageCredentials,
    ) {
      await require(agentsRuleReadPermission, credentials);
      return hits.report(query);
    },
    async decide(
      questions: DecisionQuestion[],
      credentials: BackstageCredentials,
    ) {
      await requireAccess(questions, credentials);
      return { items: await whatIf.decide(questions) };
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
