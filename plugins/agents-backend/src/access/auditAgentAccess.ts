import { audited } from '@agentportal/plugin-agents-node';
import type { AuditorService } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';
import type { AgentAccess, CallContext } from './AgentAccess';

/** Tells the auditor who changes what agents may do, and who tried and was refused. */
export function auditAgentAccess(
  inner: AgentAccess,
  auditor: AuditorService,
): AgentAccess {
  const change = <T>(
    eventId: string,
    meta: JsonObject,
    by: CallContext,
    act: () => Promise<T>,
    describe?: (result: T) => JsonObject,
  ) =>
    audited(
      auditor,
      { eventId, severityLevel: 'high', meta, by },
      act,
      describe,
    );

  return {
    describe: (...args) => inner.describe(...args),
    controls: (...args) => inner.controls(...args),
    listCredentials: (...args) => inner.listCredentials(...args),
    listGrants: (...args) => inner.listGrants(...args),
    listGrantable: (...args) => inner.listGrantable(...args),
    listDelegations: (...args) => inner.listDelegations(...args),
    settings: (...args) => inner.settings(...args),
    listRevisions: (...args) => inner.listRevisions(...args),
    changeSettings: (agentRef, request, context) =>
      change(
        'agent-settings-change',
        { agentRef, message: request.message, before: request.revision },
        context,
        () => inner.changeSettings(agentRef, request, context),
        ({ revision }) => ({ revision: revision ?? '' }),
      ),
    suspend: (agentRef, reason, context) =>
      change('agent-suspend', { agentRef, reason }, context, () =>
        inner.suspend(agentRef, reason, context),
      ),
    resume: (agentRef, request, context) =>
      change('agent-resume', { agentRef, ...request }, context, () =>
        inner.resume(agentRef, request, context),
      ),
    createCredential: (agentRef, request, context) =>
      change(
        'agent-credential-create',
        { agentRef, title: request.title },
        context,
        () => inner.createCredential(agentRef, request, context),
        ({ credential: { id, kind, expiresAt } }) => ({
          credentialId: id,
          kind,
          expiresAt,
        }),
      ),
    rotateCredential: (agentRef, id, request, context) =>
      change(
        'agent-credential-rotate',
        { agentRef, credentialId: id },
        context,
        () => inner.rotateCredential(agentRef, id, request, context),
        ({ credential: { id: nextCredentialId, title } }) => ({
          nextCredentialId,
          title,
        }),
      ),
    revokeCredential: (agentRef, id, context) =>
      change(
        'agent-credential-revoke',
        { agentRef, credentialId: id },
        context,
        () => inner.revokeCredential(agentRef, id, context),
        ({ title }) => ({ title }),
      ),
    grant: (agentRef, request, context) =>
      change(
        'agent-grant-create',
        { agentRef, ...request },
        context,
        () => inner.grant(agentRef, request, context),
        ({ id }) => ({ grantId: id }),
      ),
    revokeGrant: (agentRef, id, context) =>
      change(
        'agent-grant-revoke',
        { agentRef, grantId: id },
        context,
        () => inner.revokeGrant(agentRef, id, context),
        ({ permission }) => ({ permission }),
      ),
  };
}
