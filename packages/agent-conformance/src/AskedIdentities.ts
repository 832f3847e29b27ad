import {
  type ActiveAgent,
  type ActingParty,
  type AgentIdentities,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';

/**
 * Tells a policy who acts. While {@link AskedIdentities.half} is set, that agent may act in its own
 * name whatever keeps it from it, so that the policy can be asked what the agent's half is.
 */
export class AskedIdentities implements AgentIdentities {
  readonly #identities: AgentIdentities;
  half?: ActiveAgent;

  constructor(identities: AgentIdentities) {
    this.#identities = identities;
  }

  async resolve(
    credentials: BackstageCredentials,
    options?: { authorization?: string },
  ): Promise<ActingParty> {
    const agent = this.half;
    const principal = principalOf(credentials);
    return agent &&
      principal.type === 'user' &&
      principal.userEntityRef === agent.agentRef
      ? { type: 'agent', agentRef: agent.agentRef, agent }
      : this.#identities.resolve(credentials, options);
  }

  watch(): () => void {
    return () => {};
  }
}
