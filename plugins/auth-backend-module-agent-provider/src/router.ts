import type {
  AuditorService,
  AuthService,
  HttpAuthService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { isError, NotAllowedError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import type { Delegation } from '@agentportal/plugin-agents-common';
import { principalOf, type TokenKeys } from '@agentportal/plugin-agents-node';
import express, { type Request, type Response } from 'express';
import Router from 'express-promise-router';
import { z } from 'zod';
import type { AgentRows } from './AgentRows';
import {
  type AgentClient,
  claimedBy,
  type ClientAuthenticator,
} from './clients/ClientAuthenticator';
import { Refusals } from './clients/Refusals';
import { GRANT_TYPES, metadataOf } from './oauth/metadata';
import { OAuthError, toOAuthError } from './oauth/OAuthError';
import { actorsOf, type AgentTokens } from './tokens/AgentTokens';
import type { TokenGrants } from './tokens/grants';
import { readShownToken, type ShownToken } from './tokens/ShownToken';

const MAX_FORM = '64kb';
/** The only plugin that works for people after they have gone. */
const ORCHESTRATION = 'plugin:orchestration';

const tokenFormSchema = z.object({ token: z.string().min(1).max(16_384) });

/** Everything under `/api/auth/agent`. */
export function createAgentAuthRouter(deps: {
  issuer: string;
  rows: AgentRows;
  clients: ClientAuthenticator;
  grants: TokenGrants;
  tokens: AgentTokens;
  auth: AuthService;
  httpAuth: HttpAuthService;
  keys: TokenKeys;
  auditor: AuditorService;
  logger: LoggerService;
}) {
  const { rows, clients, grants, tokens, auth, httpAuth, keys, auditor } = deps;
  const router = Router();
  const metadata = metadataOf(deps.issuer);

  const refusals = new Refusals(auditor);
  const proved = new WeakMap<Request, AgentClient>();

  const proofOf = (req: Request) => ({
    authorization: req.headers.authorization,
    body: req.body,
  });

  async function clientOf(req: Request): Promise<AgentClient> {
    const client = await clients.authenticate(proofOf(req));
    proved.set(req, client);
    return client;
  }

  /** What an agent did not get is told with what it asked for; all else is counted. */
  function countRefusal(req: Request, { code }: OAuthError) {
    if (!proved.has(req)) {
      refusals.add({
        error: code,
        clientId: claimedBy(proofOf(req)),
        ip: req.ip,
      });
    }
  }

  router.get('/.well-known/oauth-authorization-server', (_req, res) => {
    res.json(metadata);
  });

  const form = express.urlencoded({
    extended: false,
    limit: MAX_FORM,
    parameterLimit: 50,
  });

  router.post('/token', form, async (req, res) => {
    await answer({ ...deps, countRefusal }, req, res, async () => {
      const auditOf = (meta: JsonObject) =>
        auditor.createEvent({
          eventId: 'agent-token',
          severityLevel: 'medium',
          request: req,
          meta,
        });
      try {
        const { response, ...issue } = await grants.grant(req.body, () =>
          clientOf(req),
        );
        await (await auditOf({ ...issue })).success();
        return response;
      } catch (error) {
        const client = proved.get(req);
        if (client) {
          const known = Object.values<string>(GRANT_TYPES);
          const grantType = known.find(each => each === req.body?.grant_type);
          const audit = await auditOf({ grantType, ...client });
          await audit.fail({ error: error as Error });
        }
        throw error;
      }
    });
  });

  router.post('/revoke', form, async (req, res) => {
    await answer({ ...deps, countRefusal }, req, res, async () => {
      const { agentRef, credentialId } = await clientOf(req);
      const shown = await readShownToken(readToken(req), auth, keys);
      if (shown) {
        const audit = await auditor.createEvent({
          eventId: 'agent-token-revoke',
          severityLevel: 'medium',
          request: req,
          meta: { agentRef, credentialId, subject: shown.subject },
        });
        try {
          await revoke(shown, agentRef);
          await audit.success();
        } catch (error) {
          await audit.fail({ error: error as Error });
          throw error;
        }
      }
      // RFC 7009: what is no token needs no revoking.
      return {};
    });
  });

  router.post('/introspect', form, async (req, res) => {
    await answer({ ...deps, countRefusal }, req, res, async () => {
      const agentRef = await introspector(req);
      return describe(readToken(req), agentRef);
    });
  });

  router.post('/delegations/:id/token', async (req, res) => {
    const credentials = await httpAuth.credentials(req, { allow: ['service'] });
    const principal = principalOf(credentials);
    if (principal.type !== 'service' || principal.subject !== ORCHESTRATION) {
      throw new NotAllowedError(
        'Only the orchestration plugin gets tokens of delegations.',
      );
    }
    const { token, expiresAt } = await tokens.forDelegation(
      await requireActive(req.params.id),
    );
    res
      .set('cache-control', 'no-store')
      .json({ token, expiresAt: expiresAt.toISOString() });
  });

  router.get('/delegations/:id/ownership', async (req, res) => {
    const credentials = await httpAuth.credentials(req, { allow: ['service'] });
    const principal = principalOf(credentials);
    if (
      principal.type !== 'service' ||
      !principal.subject.startsWith('plugin:')
    ) {
      throw new NotAllowedError(
        'Only plugins of the portal are told what people own.',
      );
    }
    res
      .set('cache-control', 'no-store')
      .json(await tokens.ownershipOf(await requireActive(req.params.id)));
  });

  async function requireActive(id: string): Promise<Delegation> {
    const delegation = await rows.delegation(id);
    if (delegation?.state !== 'active') {
      throw new NotAllowedError(
        delegation?.reason ?? 'This delegation has ended.',
      );
    }
    return delegation;
  }

  async function revoke(shown: ShownToken, agentRef: string) {
    if (shown.subject.startsWith('delegation:')) {
      const delegation = await rows.delegation(idOf(shown.subject));
      requireOwner(delegation?.agentRef, agentRef);
      await rows.endDelegation(
        idOf(shown.subject),
        'Its token was revoked by the agent.',
      );
      return;
    }
    requireOwner(shown.subject, agentRef);
    await rows.revokeToken(shown.digest, new Date(shown.expiresAt * 1000));
  }

  /** Services may ask about every token; an agent about its own. */
  async function introspector(req: Request): Promise<string | undefined> {
    if (/^bearer /i.test(req.headers.authorization ?? '')) {
      try {
        await httpAuth.credentials(req, { allow: ['service'] });
        return undefined;
      } catch (error) {
        throw isError(error) && /^(Authentication|NotAllowed)/.test(error.name)
          ? new OAuthError('invalid_client', 'This token is of no service.')
          : error;
      }
    }
    return (await clientOf(req)).agentRef;
  }

  async function describe(token: string, asker?: string) {
    const shown = await readShownToken(token, auth, keys);
    const inactive = { active: false };
    if (!shown || (await rows.isRevoked(shown.digest))) {
      return inactive;
    }
    const common = {
      active: true,
      iss: deps.issuer,
      token_type: 'Bearer',
      iat: shown.issuedAt,
      exp: shown.expiresAt,
      ...(shown.plugin && { aud: shown.plugin }),
    };
    if (shown.subject.startsWith('delegation:')) {
      const delegation = await rows.delegation(idOf(shown.subject));
      if (
        delegation?.state !== 'active' ||
        (asker && delegation.agentRef !== asker)
      ) {
        return inactive;
      }
      return {
        ...common,
        sub: delegation.personRef ?? delegation.agentRef,
        client_id: delegation.agentRef,
        act: actorsOf(delegation.chain),
        delegation: delegation.ref,
      };
    }
    if (
      !shown.subject.startsWith('agent:') ||
      (asker && shown.subject !== asker)
    ) {
      return inactive;
    }
    try {
      await rows.requireOwnToken(shown.subject, token);
    } catch (error) {
      if (NotAllowedError.is(error)) {
        return inactive;
      }
      throw error;
    }
    return { ...common, sub: shown.subject, client_id: shown.subject };
  }

  return router;
}

function readToken(req: Request): string {
  const parsed = tokenFormSchema.safeParse(req.body ?? {});
  if (!parsed.success) {
    throw new OAuthError('invalid_request', 'token must hold one token.');
  }
  return parsed.data.token;
}

function requireOwner(owner: string | undefined, agentRef: string) {
  if (owner !== agentRef) {
    throw new OAuthError(
      'unauthorized_client',
      'This token is not of the agent that asks.',
    );
  }
}

function idOf(subject: string): string {
  return subject.slice(subject.lastIndexOf('/') + 1);
}

/** Answers in JSON, refusals in the form of OAuth, and lets nobody keep either. */
async function answer(
  {
    countRefusal,
    logger,
  }: {
    countRefusal: (req: Request, refusal: OAuthError) => void;
    logger: LoggerService;
  },
  req: Request,
  res: Response,
  work: () => Promise<object>,
): Promise<void> {
  res.set({ 'cache-control': 'no-store', pragma: 'no-cache' });
  try {
    res.json(await work());
  } catch (error) {
    const refusal = toOAuthError(error);
    if (!refusal) {
      throw error;
    }
    countRefusal(req, refusal);
    if (refusal.status === 503) {
      logger.warn(`Could not answer ${req.path}`, refusal.cause as Error);
    }
    if (refusal.code === 'invalid_client') {
      res.set('www-authenticate', 'Basic realm="agents"');
    }
    res.status(refusal.status).json(refusal);
  }
}
