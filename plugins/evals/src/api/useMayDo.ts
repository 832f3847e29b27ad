import {
  evaluationManagePermission,
  evaluationReadPermission,
} from '@agentportal/plugin-evals-common';
import { usePermission } from '@backstage/plugin-permission-react';

/**
 * Whether the person may read evaluations of the agent and what people said of its answers: nothing is
 * asked of the backend that it would refuse. What could not be found out is left to the backend.
 */
export function useMayRead(agentRef: string): 'yes' | 'no' | 'unknown' {
  const { allowed, error, loading } = usePermission({
    permission: evaluationReadPermission,
    resourceRef: agentRef,
  });
  if (loading) {
    return 'unknown';
  }
  return allowed || error ? 'yes' : 'no';
}

/** Whether the person may evaluate and review the agent; what they may not do is not offered. */
export function useMayManage(agentRef: string | undefined): boolean {
  return usePermission({
    permission: evaluationManagePermission,
    resourceRef: agentRef,
  }).allowed;
}
