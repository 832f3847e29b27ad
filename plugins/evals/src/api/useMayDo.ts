import { evaluationManagePermission } from '@agentportal/plugin-evals-common';
import { usePermission } from '@backstage/plugin-permission-react';

/** Whether the person may evaluate and review the agent; what they may not do is not offered. */
export function useMayManage(agentRef: string | undefined): boolean {
  return usePermission({
    permission: evaluationManagePermission,
    resourceRef: agentRef,
  }).allowed;
}
