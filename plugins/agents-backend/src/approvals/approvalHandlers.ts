import type { AgentsOperations } from '@agentportal/plugin-agents-common';
import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import { NotImplementedError } from '@backstage/errors';

type ApprovalOperations = Pick<
  AgentsOperations,
  | 'ListApprovals'
  | 'GetApprovalSummary'
  | 'GetApprovalDeputy'
  | 'SetApprovalDeputy'
  | 'RemoveApprovalDeputy'
  | 'RequestAgentAccess'
  | 'RequestToolCallApproval'
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
export function approvalHandlers(): OperationHandlers<ApprovalOperations> {
  const later = () => {
    throw new NotImplementedError('Approvals are not here yet.');
  };
  return {
    ListApprovals: later,
    GetApprovalSummary: later,
    GetApprovalDeputy: later,
    SetApprovalDeputy: later,
    RemoveApprovalDeputy: later,
    RequestAgentAccess: later,
    RequestToolCallApproval: later,
    AskQuestion: later,
    QueryApprovals: later,
    GetApprovalKeys: later,
    GetApproval: later,
    DecideApproval: later,
    AddApprovalMessage: later,
    AnswerQuestion: later,
    WithdrawApproval: later,
    MintApprovalGrant: later,
    RedeemApprovalGrant: later,
  };
}
