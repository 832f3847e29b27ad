import type {
  AgentIdentity,
  AgentLifecycle,
  Delegation,
} from '@agentportal/plugin-agents-common';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';

/**
 * An agent that may act now.
 *
 * @public
 */
export type ActiveAgent = AgentIdentity & {
  state: 'active';
  lifecycle: AgentLifecycle;
  ownerRef: string;
};

/**
 * Who acts: a person, a service, or an agent, in its own name or for a person.
 *
 * @public
 */
export type ActingParty =
  | {
      type: 'person';
      personRef: string;
      /** Subject of the plugin that calls on behalf of the person. */
      actor?: string;
    }
  | { type: 'service'; subject: string }
  | {
      type: 'agent';
      agentRef: string;
      agent: ActiveAgent;
      /** For whom it acts, if for a person. */
      personRef?: string;
      /** What it works on; absent when it uses a token of its own. */
      delegation?: Delegation;
      /** Subject of the plugin that calls on behalf of the agent. */
      actor?: string;
    }
  | { type: 'none' };

/**
 * Tells who acts, and whether they still may. What it says is two seconds old at most,
 * so that a suspended agent is stopped at every door of every process within five.
 *
 * @public
 */
export interface AgentIdentities {
  /**
   * Reads who acts from credentials.
   *
   * @param options - `authorization` is the header that the credentials came in; with it, a
   *   token that was revoked, or came of a credential that was, is refused before it ends;
   *   `fresh` asks anew, whatever was said a moment ago
   * @throws AuthenticationError when the token was revoked
   * @throws NotAllowedError when it is an agent that may not act now, in a sentence
   * @throws ServiceUnavailableError when the agents plugin cannot be asked
   */
  resolve(
    credentials: BackstageCredentials,
    options?: { authorization?: string; fresh?: boolean },
  ): Promise<ActingParty>;

  /**
   * For streams: calls `onEnd` once, within three seconds of the moment in which the
   * party that {@link AgentIdentities.resolve} gave may not act any more, or when that
   * cannot be found out for ten seconds. People and services are not watched.
   *
   * @param options - as for {@link AgentIdentities.resolve}
   * @returns ends the watch; call it when the stream is over
   */
  watch(
    credentials: BackstageCredentials,
    onEnd: (reason: Error) => void,
    options?: { authorization?: string },
  ): () => void;
}
