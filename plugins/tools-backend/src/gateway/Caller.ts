import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  type AgentIdentities,
  REHEARSAL_HEADER,
  type RunContext,
  runContextOf,
} from '@agentportal/plugin-agents-node';

/** Who asks the gateway, and on whose account. */
export interface Caller {
  credentials: BackstageCredentials;
  type: 'person' | 'agent' | 'service';
  /** Entity ref of the person, of the agent if it acts for none, or subject of the service. */
  ref: string;
  /** What a permission decision may be remembered by for some seconds. */
  token?: string;
  /** Present when an agent calls. */
  run?: RunContext;
  /** Subject of the plugin that calls on behalf of the agent. */
  actor?: string;
  /** Whether they only rehearse, so that nothing may happen. */
  isRehearsal?: boolean;
  /** Calls back once when the agent may not go on; what it returns ends the watch. */
  watch?(onEnd: (reason: Error) => void): () => void;
}

/** Reads who is calling from the credentials of a request. */
export type ReadCaller = (
  credentials: BackstageCredentials,
  headers?: Record<string, string | string[] | undefined>,
) => Promise<Caller>;

/** The reader throws a NotAllowedError when nobody is signed in, or for an agent that may not act. */
export function createReadCaller(identities: AgentIdentities): ReadCaller {
  return async (credentials, headers = {}) => {
    const token = [headers.authorization].flat()[0];
    const party = await identities.resolve(credentials, {
      authorization: token,
    });
    const common = {
      credentials,
      ...(token && { token }),
      ...(headers[REHEARSAL_HEADER] !== undefined && { isRehearsal: true }),
    };
    switch (party.type) {
      case 'person':
        return { ...common, type: 'person', ref: party.personRef };
      case 'service':
        return { ...common, type: 'service', ref: party.subject };
      case 'agent':
        return {
          ...common,
          type: 'agent',
          ref: party.personRef ?? party.agentRef,
          run: runContextOf(party, headers),
          ...(party.actor && { actor: party.actor }),
          watch: onEnd =>
            identities.watch(credentials, onEnd, { authorization: token }),
        };
      default:
        throw new NotAllowedError('Sign in to use tools.');
    }
  };
}
