import { principalNameOf } from '@agentportal/plugin-agents-node';
import type { AuditorService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { AgentAccess, CallContext } from './AgentAccess';

/** Tells the auditor who changes what agents may do, and who tried and was refused. */
export function auditAgentAccess(
  inner: AgentAccess,
  auditor: AuditorService,
): AgentAccess {
  async function audited<T>(
    eventId: string,
    terms: JsonObject,
    { credentials }: CallContext,
    act: () => Promise<T>,
    describe: (result: T) => JsonObject = () => ({}),
  ): Promise<T> {
    const event = await auditor.createEvent({
      eventId,
      severityLevel: 'high',
      meta: { ...terms, by: principalNameOf(credentials) },
    });
    try {
      const result = await act();
      await event.success({ meta: describe(result) });
      return result;
    } catch (error) {
      await event.fail({ error: toError(error) });
      throw error;
    }
  }

  return {
    describe: (...args) => inner.describe(...args),
    listCredentials: (...args) => inner.listCredentials(...args),
    listGrants: (...args) => inner.listGrants(...args),
    listDelegations: (...args) => inner.listDelegations(...args),
    suspend: (agentRef, reason, context) =>
      audited('agent-suspend', { agentRef, reason }, context, () =>
        inner.suspend(agentRef, reason, context),
      ),
    resume: (agentRef, request, context) =>
      audited('agent-resume', { agentRef, ...request }, context, () =>
        inner.resume(agentRef, request, context),
      ),
    createCredential: (agentRef, request, context) =>
      audited(
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
      audited(
        'agent-credential-rotate',
        { agentRef, credentialId: id },
        context,
        () => inner.rotateCredential(agentRef, id, request, context),
        ({ credential }) => ({ nextCredentialId: credential.id }),
      ),
    revokeCredential: (agentRef, id, context) =>
      audited(
        'agent-credential-revoke',
        { agentRef, credentialId: id },
        context,
        () => inner.revokeCredential(agentRef, id, context),
      ),
    grant: (agentRef, request, context) =>
      audited(
        'agent-grant-create',
        { agentRef, ...request },
        context,
        () => inner.grant(agentRef, request, context),
        ({ id }) => ({ grantId: id }),
      ),
    revokeGrant: (agentRef, id, context) =>
      audited('agent-grant-revoke', { agentRef, grantId: id }, context, () =>
        inner.revokeGrant(agentRef, id, context),
      ),
  };
}
