import type {
  AgentAccess as AgentAccessReport,
  AgentControl,
  AgentCredential,
  AgentCredentialPage,
  AgentCredentialWithSecret,
  AgentGrant,
  AgentGrantPage,
  AgentIdentity,
  AgentRevisionPage,
  AgentSettingsChange,
  AgentSettingsView,
  CredentialRotation,
  DelegationPage,
  NewAgentCredential,
  NewAgentGrant,
  Resumption,
} from '@agentportal/plugin-agents-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request } from 'express';
import type { KnownPermission } from '../grants/KnownPermissions';

/** Who asks. */
export interface CallContext {
  credentials: BackstageCredentials;
  /** For the auditor; absent when an action is called. */
  request?: Request;
  /** Whether the caller may lift only the suspensions that they made themselves. */
  liftsOnlyOwn?: boolean;
}

/** Which page of a list. */
export interface PageRequest {
  limit: number;
  cursor?: string;
}

/** What people do with the rights of an agent, which is named by its full ref. */
export interface AgentAccess {
  describe(agentRef: string, context: CallContext): Promise<AgentAccessReport>;
  controls(
    agentRef: string,
    context: CallContext,
  ): Promise<{ items: AgentControl[] }>;
  suspend(
    agentRef: string,
    reason: string,
    context: CallContext,
  ): Promise<AgentIdentity>;
  resume(
    agentRef: string,
    request: Resumption,
    context: CallContext,
  ): Promise<AgentIdentity>;
  listCredentials(
    agentRef: string,
    page: PageRequest,
    context: CallContext,
  ): Promise<AgentCredentialPage>;
  createCredential(
    agentRef: string,
    request: NewAgentCredential,
    context: CallContext,
  ): Promise<AgentCredentialWithSecret>;
  rotateCredential(
    agentRef: string,
    id: string,
    request: CredentialRotation,
    context: CallContext,
  ): Promise<AgentCredentialWithSecret>;
  revokeCredential(
    agentRef: string,
    id: string,
    context: CallContext,
  ): Promise<Pick<AgentCredential, 'title'>>;
  listGrants(
    agentRef: string,
    page: PageRequest,
    context: CallContext,
  ): Promise<AgentGrantPage>;
  listGrantable(
    agentRef: string,
    context: CallContext,
  ): Promise<{ items: KnownPermission[] }>;
  grant(
    agentRef: string,
    request: NewAgentGrant,
    context: CallContext,
  ): Promise<AgentGrant>;
  revokeGrant(
    agentRef: string,
    id: string,
    context: CallContext,
  ): Promise<Pick<AgentGrant, 'permission'>>;
  listDelegations(
    agentRef: string,
    page: PageRequest,
    context: CallContext,
  ): Promise<DelegationPage>;
  /** @param revision - a commit of its repository, for the settings of then */
  settings(
    agentRef: string,
    revision: string | undefined,
    context: CallContext,
  ): Promise<AgentSettingsView>;
  changeSettings(
    agentRef: string,
    change: AgentSettingsChange,
    context: CallContext,
  ): Promise<AgentSettingsView>;
  listRevisions(
    agentRef: string,
    page: PageRequest,
    context: CallContext,
  ): Promise<AgentRevisionPage>;
}
