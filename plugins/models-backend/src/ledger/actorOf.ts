import type { Account } from '@agentportal/model-gateway';
import type { AuditRecord } from '@agentportal/plugin-governance-common';

/** Who called a model, in the words of the audit log. */
export function actorOf({
  agentRef,
  keyId,
  runId,
  step,
  userRef,
}: Account): Pick<
  AuditRecord,
  'actor' | 'agentRef' | 'personRef' | 'runId' | 'step'
> {
  let actor: AuditRecord['actor'] = {
    type: 'service',
    ref: keyId ? `key:${keyId}` : 'unknown',
  };
  if (agentRef) {
    actor = { type: 'agent', ref: agentRef };
  } else if (userRef && !keyId) {
    actor = { type: 'person', ref: userRef };
  }
  return {
    actor,
    ...(agentRef && { agentRef }),
    ...(userRef && { personRef: userRef }),
    ...(runId && { runId }),
    ...(step !== undefined && { step }),
  };
}
