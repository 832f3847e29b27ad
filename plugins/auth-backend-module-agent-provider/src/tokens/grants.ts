import { randomUUID } from 'node:crypto';
import type { AuthService } from '@backstage/backend-plugin-api';
import { isError } from '@backstage/errors';
import type { Delegation } from '@agentportal/plugin-agents-common';
import { principalOf, type TokenKeys } from '@agentportal/plugin-agents-node';
import { z } from 'zod';
import type { AgentRows } from '../AgentRows';
import type { AgentClient } from '../clients/ClientAuthenticator';
import type { WorkloadAuthenticator } from '../clients/WorkloadAuthenticator';
import type { AgentProviderConfig } from '../config';
import { GRANT_TYPES } from '../oauth/metadata';
import { OAuthError } from '../oauth/OAuthError';
import type { AgentTokens, IssuedToken } from './AgentTokens';
import { readResource } from './resource';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';
/** How long something that a program does for a person may take. */
const TASK_MS = 60 * 60 * 1000;

const text = z.string().max(16_384);
const formSchema = z.object({
  grant_type: z.string().max(128),
  resource: z.union([text, z.array(text).max(10)]).optional(),
  audience: text.optional(),
  scope: text.optional(),
  assertion: text.optional(),
  subject_token: text.optional(),
  subject_token_type: text.optional(),
  actor_token: text.optional(),
  actor_token_type: text.optional(),
  requested_token_type: text.optional(),
});

type Form = z.infer<typeof formSchema>;

/** The answer of a token endpoint. */
export interface TokenResponse {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  issued_token_type?: string;
}

/** What a token was made of, for the audit log. */
export interface TokenIssue {
  agentRef: string;
  grantType: string;
  delegationId?: string;
  personRef?: string;
  response: TokenResponse;
}

/** Turns what a client shows into a token. */
export class TokenGrants {
  readonly #rows: AgentRows;
  readonly #tokens: AgentTokens;
  readonly #auth: AuthService;
  readonly #keys: TokenKeys;
  readonly #workloads: WorkloadAuthenticator;
  readonly #config: AgentProviderConfig;

  constructor(options: {
    rows: AgentRows;
    tokens: AgentTokens;
    auth: AuthService;
    keys: TokenKeys;
    workloads: WorkloadAuthenticator;
    config: AgentProviderConfig;
  }) {
    this.#rows = options.rows;
    this.#tokens = options.tokens;
    this.#auth = options.auth;
    this.#keys = options.keys;
    this.#workloads = options.workloads;
    this.#config = options.config;
  }

  async grant(
    body: unknown,
    authenticate: () => Promise<AgentClient>,
  ): Promise<TokenIssue> {
    const parsed = formSchema.safeParse(body ?? {});
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new OAuthError(
        'invalid_request',
        `${issue.path.join('.') || 'The form'}: ${issue.message}.`,
      );
    }
    const form = parsed.data;
    if (form.audience !== undefined) {
      throw new OAuthError(
        'invalid_target',
        'Say in resource, and not in audience, for what the token is.',
      );
    }
    const plugin = readResource(form.resource, this.#config.portalUrl);
    const issue = await this.#issue(form, authenticate);
    const issued = plugin
      ? await this.#tokens.restrictTo(plugin, issue.issued)
      : issue.issued;
    const { issued: _, ...rest } = issue;
    return {
      ...rest,
      grantType: form.grant_type,
      response: {
        access_token: issued.token,
        token_type: 'Bearer',
        expires_in: Math.max(
          0,
          Math.floor((issued.expiresAt.getTime() - Date.now()) / 1000),
        ),
        ...(form.grant_type === GRANT_TYPES.tokenExchange && {
          issued_token_type: ACCESS_TOKEN,
        }),
      },
    };
  }

  async #issue(
    form: Form,
    authenticate: () => Promise<AgentClient>,
  ): Promise<
    Omit<TokenIssue, 'response' | 'grantType'> & { issued: IssuedToken }
  > {
    switch (form.grant_type) {
      case GRANT_TYPES.clientCredentials:
        return this.#forItself(await authenticate());
      case GRANT_TYPES.jwtBearer:
        if (!form.assertion) {
          throw new OAuthError(
            'invalid_request',
            'assertion must hold the token of the workload.',
          );
        }
        return this.#forItself(
          await this.#workloads.authenticate(form.assertion),
        );
      case GRANT_TYPES.tokenExchange:
        return this.#forSomebody(form, await authenticate());
      default:
        throw new OAuthError(
          'unsupported_grant_type',
          `grant_type must be one of ${Object.values(GRANT_TYPES).join(', ')}.`,
        );
    }
  }

  async #forItself({ agentRef, credentialId }: AgentClient) {
    const issued = await this.#tokens.forAgent(agentRef, credentialId);
    // After it, so that a credential which is revoked meanwhile is seen here or at the doors.
    await this.#rows.requireOwnToken(agentRef, issued.token);
    return { agentRef, issued };
  }

  async #forSomebody(form: Form, client: AgentClient) {
    requireExchangeForm(form);
    if (form.actor_token !== undefined) {
      const actor = await this.#subjectOf(form.actor_token, 'actor_token');
      if (actor !== client.agentRef) {
        throw new OAuthError(
          'invalid_request',
          'actor_token is not of the agent that asks. Leave it out: the client is the actor.',
        );
      }
    }
    const subject = await this.#subjectOf(form.subject_token!, 'subject_token');
    const delegation = await this.#delegate(subject, client);
    return {
      agentRef: client.agentRef,
      delegationId: delegation.id,
      personRef: delegation.personRef,
      issued: await this.#tokens.forDelegation(delegation),
    };
  }

  #delegate(
    subject: string,
    { agentRef, credentialId }: AgentClient,
  ): Promise<Delegation> {
    const common = {
      agentRef,
      startedBy: agentRef,
      credentialId,
      taskId: `program:${randomUUID()}`,
    };
    if (subject.startsWith('user:')) {
      return this.#rows.delegate({
        ...common,
        personRef: subject,
        expiresAt: new Date(Date.now() + TASK_MS).toISOString(),
      });
    }
    if (subject.startsWith('delegation:')) {
      // It ends with the one that it comes from.
      return this.#rows.delegate({
        ...common,
        parentId: subject.slice(subject.lastIndexOf('/') + 1),
      });
    }
    throw new OAuthError(
      'invalid_request',
      'subject_token must be of a person, or of an agent that acts for one.',
    );
  }

  async #subjectOf(token: string, name: string): Promise<string> {
    try {
      const principal = principalOf(
        await this.#keys.check(token, () => this.#auth.authenticate(token)),
      );
      if (principal.type === 'user' && !principal.actor) {
        return principal.userEntityRef;
      }
    } catch (error) {
      if (!isError(error) || error.name !== 'AuthenticationError') {
        throw error;
      }
    }
    throw new OAuthError(
      'invalid_request',
      `${name} is no Backstage token, or it has expired.`,
    );
  }
}

function requireExchangeForm(form: Form): void {
  if (!form.subject_token) {
    throw new OAuthError(
      'invalid_request',
      "subject_token must hold the person's Backstage token.",
    );
  }
  for (const [name, type] of [
    ['subject_token_type', form.subject_token_type],
    ['actor_token_type', form.actor_token_type],
    ['requested_token_type', form.requested_token_type],
  ] as const) {
    const needed =
      name === 'subject_token_type' ||
      (name === 'actor_token_type' && form.actor_token !== undefined);
    if (
      (type === undefined && needed) ||
      (type !== undefined && type !== ACCESS_TOKEN && type !== JWT)
    ) {
      throw new OAuthError(
        'invalid_request',
        `${name} must be ${ACCESS_TOKEN}.`,
      );
    }
  }
}
