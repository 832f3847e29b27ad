import type { IncomingMessage } from 'node:http';
import {
  type Authenticator,
  type Caller,
  type CallSettings,
  GatewayError,
} from '@agentportal/model-gateway';
import {
  type AgentEntity,
  DEFAULT_DATA_CLASSIFICATION,
} from '@agentportal/plugin-agents-common';
import {
  type ActingParty,
  type ActiveAgent,
  type AgentIdentities,
  type RunContext,
  runContextOf,
} from '@agentportal/plugin-agents-node';
import type {
  BackstageCredentials,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import {
  ServiceUnavailableError,
  stringifyError,
  toError,
} from '@backstage/errors';
import type { Request } from 'express';
import type { AgentAccounts } from '../catalog/AgentAccounts';
import type { KeyAuthenticator, KeyGrant } from '../keys/KeyAuthenticator';
import {
  type KnownCredentials,
  RememberedCredentials,
} from './RememberedCredentials';

/** What the access policy needs to know of a caller. */
export type PortalGrant = BackstageGrant | KeyGrant;

/** Somebody who is known to Backstage. */
export interface BackstageGrant {
  credentials: BackstageCredentials;
  /** Digest of the token, to remember decisions by. */
  token?: string;
  runContext?: RunContext;
}

/**
 * Takes Backstage tokens, which OpenAI clients send as their API key, and keys of
 * programs, and finds out on whose account the call goes.
 */
export class PortalAuthenticator implements Authenticator<PortalGrant> {
  readonly #credentials: RememberedCredentials;
  readonly #identities: AgentIdentities;
  readonly #accounts: AgentAccounts;
  readonly #keys: KeyAuthenticator;
  readonly #ownersOfServices: ReadonlyMap<string, string>;

  constructor(options: {
    httpAuth: HttpAuthService;
    identities: AgentIdentities;
    accounts: AgentAccounts;
    keys: KeyAuthenticator;
    /** Who pays for the calls of services, by their subject. */
    ownersOfServices: ReadonlyMap<string, string>;
  }) {
    this.#credentials = new RememberedCredentials(options.httpAuth);
    this.#identities = options.identities;
    this.#accounts = options.accounts;
    this.#keys = options.keys;
    this.#ownersOfServices = options.ownersOfServices;
  }

  authenticate(request: IncomingMessage): Promise<Caller<PortalGrant>> {
    return this.#keys.caller(request) ?? this.#fromBackstage(request);
  }

  async #fromBackstage(
    request: IncomingMessage,
  ): Promise<Caller<BackstageGrant>> {
    const { credentials, tokenDigest } = await this.#verify(request as Request);
    const party = await this.#partyOf(
      credentials,
      request.headers.authorization,
    );
    const runContext = runContextOf(party, request.headers);
    const userRef =
      party.type === 'person' || party.type === 'agent'
        ? party.personRef
        : undefined;
    const booked =
      runContext && (await this.#accounts.account(runContext.agent, userRef));
    return {
      grant: {
        credentials,
        runContext,
        token: tokenDigest,
      },
      ...(runContext && {
        watch: (onEnd: (reason: Error) => void) =>
          this.#identities.watch(credentials, onEnd, {
            authorization: request.headers.authorization,
          }),
        whyEnded: () =>
          this.#identities
            .resolve(credentials, {
              authorization: request.headers.authorization,
              fresh: true,
            })
            .then(
              () => undefined,
              error =>
                ServiceUnavailableError.is(error) ? undefined : toError(error),
            ),
      }),
      // What nobody has classed is internal, as it is for agents.
      settings: runContext
        ? {
            ...settingsOf(runContext.agent),
            // Not of the task, which may be given less: what the agent knows of other work,
            // and what people tell it, is as sensitive as what it may see.
            dataClassification:
              runContext.agent.dataClassification ??
              runContext.task?.dataClass ??
              DEFAULT_DATA_CLASSIFICATION,
            sessionId: runContext.sessionId,
          }
        : { dataClassification: DEFAULT_DATA_CLASSIFICATION },
      account: {
        userRef,
        ...(party.type === 'service' && {
          ownerRef: this.#ownersOfServices.get(party.subject),
        }),
        ...(runContext && {
          agentRef: runContext.agentRef,
          runId: runContext.runId,
          step: runContext.step,
          ...booked,
        }),
      },
    };
  }

  async #partyOf(
    credentials: BackstageCredentials,
    authorization: string | undefined,
  ): Promise<ActingParty> {
    try {
      return await this.#identities.resolve(credentials, { authorization });
    } catch (error) {
      switch ((error as Error).name) {
        case 'AuthenticationError':
          throw new GatewayError(
            401,
            'authentication_required',
            (error as Error).message,
            { cause: error },
          );
        case 'NotAllowedError':
          throw new GatewayError(
            403,
            'access_denied',
            (error as Error).message,
            { cause: error },
          );
        case 'ServiceUnavailableError':
          throw new GatewayError(
            503,
            'access_unavailable',
            (error as Error).message,
            { cause: error },
          );
        default:
          throw error;
      }
    }
  }

  async #verify(request: Request): Promise<KnownCredentials> {
    try {
      return await this.#credentials.credentials(request);
    } catch (error) {
      if ((error as Error).name === 'AuthenticationError') {
        throw new GatewayError(
          401,
          'authentication_required',
          'Send a key (`ap_…`) or a Backstage token as `Authorization: Bearer <token>`; OpenAI clients take it as their API key.',
          { cause: error },
        );
      }
      if ((error as Error).name === 'ServiceUnavailableError') {
        throw new GatewayError(
          503,
          'authentication_unavailable',
          (error as Error).message,
          { cause: error, retryAfter: '2' },
        );
      }
      if ((error as Error).name === 'NotAllowedError') {
        throw new GatewayError(
          403,
          'access_denied',
          'This kind of credentials may not call models.',
          { cause: error },
        );
      }
      throw new Error(`Cannot verify credentials: ${stringifyError(error)}`);
    }
  }
}

/** What the agent asks of the gateway. */
function settingsOf({ modelSettings }: ActiveAgent): CallSettings {
  const { promptCompression, cache } = (modelSettings ?? {}) as NonNullable<
    AgentEntity['spec']['modelSettings']
  >;
  return { promptCompression, cache };
}
