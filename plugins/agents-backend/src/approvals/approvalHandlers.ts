import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import {
  type OperationHandlers,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  ORCHESTRATION,
  requirePlugin,
  requireService,
  TOOLS,
} from '../api/requireService';
import type { ApprovalRequests } from './ApprovalRequests';
import type { Approvals } from './Approvals';
import type { AuthorizedApprovals } from './AuthorizedApprovals';
import type { GrantKeys } from './GrantKeys';

type ApprovalOperations = Pick<
  AgentsOperations,
  | 'ListApprovals'
  | 'GetApprovalSummary'
  | 'ListApprovers'
  | 'GetApprovalDeputy'
  | 'SetApprovalDeputy'
  | 'RemoveApprovalDeputy'
  | 'RequestAgentAccess'
  | 'RequestToolCallApproval'
  | 'ForeseeToolCallApproval'
  | 'AskQuestion'
  | 'QueryApprovals'
  | 'GetApprovalKeys'
  | 'GetApproval'
  | 'DecideApproval'
  | 'AddApprovalMessage'
  | 'AnswerQuestion'
  | 'WithdrawApproval'
  | 'MintApprovalGrant'
  | 'RedeemApprovalGrant'
>;

/** What people decide, and what plugins ask them. */
export function approvalHandlers(options: {
  authorized: AuthorizedApprovals;
  approvals: Approvals;
  requests: ApprovalRequests;
  keys: GrantKeys;
}): OperationHandlers<ApprovalOperations> {
  const { authorized, approvals, requests, keys } = options;
  return {
    ListApprovals: ({ query, credentials }) =>
      authorized.list(query, credentials),
    GetApprovalSummary: ({ credentials }) => authorized.summary(credentials),
    ListApprovers: ({ credentials }) => authorized.approvers(credentials),
    GetApprovalDeputy: ({ credentials }) => authorized.deputy(credentials),
    SetApprovalDeputy: ({ body, credentials }) =>
      authorized.setDeputy(body, credentials),
    RemoveApprovalDeputy: ({ credentials }) =>
      authorized.removeDeputy(credentials),
    RequestAgentAccess: ({ body, credentials }) =>
      authorized.requestAccess(body, credentials),
    GetApproval: ({ path, credentials }) =>
      authorized.get(path.id, credentials),
    DecideApproval: ({ path, body, credentials }) =>
      authorized.decide(path.id, body, credentials),
    AddApprovalMessage: ({ path, body, credentials }) =>
      authorized.addMessage(path.id, body.text, credentials),
    AnswerQuestion: ({ path, body, credentials }) =>
      authorized.answer(path.id, body.values, credentials),
    WithdrawApproval: async ({ path, body, credentials }) => {
      if (isService(credentials)) {
        const by = requireService(credentials, ORCHESTRATION);
        await approvals.withdraw(path.id, by, body?.reason);
      } else {
        await authorized.withdraw(path.id, body?.reason, credentials);
      }
    },
    RequestToolCallApproval: ({ body, credentials }) => {
      requireService(credentials, TOOLS);
      return requests.requestToolCall(body);
    },
    ForeseeToolCallApproval: async ({ body, credentials }) => {
      requireService(credentials, TOOLS);
      return { askedOf: await requests.foreseeToolCall(body) };
    },
    AskQuestion: ({ body, credentials }) => {
      requireService(credentials, ORCHESTRATION);
      return requests.askQuestion(body);
    },
    QueryApprovals: async ({ body, credentials }) => {
      requirePlugin(credentials);
      return { items: await approvals.outcomes(body) };
    },
    GetApprovalKeys: async () => ({
      keys: await keys.publicKeys(Date.now()),
    }),
    MintApprovalGrant: ({ path, credentials, response }) => {
      requireService(credentials, ORCHESTRATION, TOOLS);
      response.set('cache-control', 'no-store');
      return approvals.mint(path.id);
    },
    RedeemApprovalGrant: ({ path, body, credentials }) => {
      const by = requireService(credentials, TOOLS);
      return approvals.redeem(path.id, body, by);
    },
  };
}

function isService(credentials: BackstageCredentials): boolean {
  return principalOf(credentials).type === 'service';
}
