export { approvalsApiRef } from './approvalsApiRef';
export type { ApprovalsApi } from './approvalsApiRef';
export { useApproval, useApprovalNews } from './useApprovalNews';
export { ApprovalStatusMark } from './ApprovalStatusMark';
