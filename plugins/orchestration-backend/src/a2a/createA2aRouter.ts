import { A2A_VERSION_HEADER, AGENT_CARD_PATH } from '@a2a-js/sdk';
import { legacyAgentCardRouter } from '@a2a-js/sdk/compat/v0_3/server/express';
import { jsonRpcHandler } from '@a2a-js/sdk/server/express';
import { jsonBody } from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { AuthenticationError, NotFoundError } from '@backstage/errors';
import type { NextFunction, Request, Response, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import {
  type AgentDirectory,
  normaliseAgentRef,
} from '../agents/AgentDirectory';
import type { RunDelegations } from '../execution/RunDelegations';
import { callerName } from '../runs/caller';
import { type CardContext, createAgentCard } from './agentCard';
import { A2aCaller, type RunTaskHandler } from './RunTaskHandler';
import type { SigningKey } from './SigningKey';

/** Cards are looked at again after this; what a person may see differs. */
const CARD_SECONDS = 300;
const KEYS_PATH = '/a2a/.well-known/jwks.json';

/**
 * Every agent as an A2A server, under `/a2a/<namespace>/<name>`: its card, and JSON-RPC in
 * the versions 1.0 and 0.3. Whoever calls is authenticated here, because A2A clients look
 * for a challenge and not for Backstage's envelope.
 */
export function createA2aRouter(options: {
  agents: AgentDirectory;
  auth: AuthService;
  delegations: RunDelegations;
  handler: RunTaskHandler;
  httpAuth: HttpAuthService;
  signingKey: SigningKey;
  card: CardContext;
  /** Whether everybody may read the cards of agents in production. */
  publicCards: boolean;
}): Router {
  const { agents, auth, card, delegations, handler, httpAuth, signingKey } =
    options;
  const router = PromiseRouter();

  router.get(KEYS_PATH, (_request, response) => {
    response
      .set('cache-control', `public, max-age=${CARD_SECONDS}`)
      .json({ keys: [signingKey.publicJwk] });
  });

  router.use('/a2a/:namespace/:name', async (request, response, next) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const isPublic =
      options.publicCards &&
      isCardOf(request) &&
      !request.headers.authorization;
    const credentials = isPublic
      ? await auth.getOwnServiceCredentials()
      : await httpAuth.credentials(request, { allow: ['user', 'service'] });
    const { namespace, name } = request.params;
    response.locals.caller = new A2aCaller({
      userName: callerName(credentials),
      credentials,
      agentRef: normaliseAgentRef(`agent:${namespace}/${name}`),
      gone: gone.signal,
    });
    next();
  });

  router.use(
    `/a2a/:namespace/:name/${AGENT_CARD_PATH}`,
    async (request, response, next) => {
      if (!isCardOf(request)) {
        next();
        return;
      }
      const { agentRef, credentials } = callerOf(response);
      const agent = await agents.loadRunnable(agentRef, credentials);
      if (
        auth.isPrincipal(credentials, 'service') &&
        !request.headers.authorization &&
        !(await delegations.isInProduction(agentRef))
      ) {
        throw new AuthenticationError(
          `${agentRef} is not in production, so its card is for people who sign in.`,
        );
      }
      const { namespace, name } = request.params;
      const unsigned = createAgentCard(agent, `/${namespace}/${name}`, card);
      const signed = await signingKey.sign(
        unsigned,
        `${card.baseUrl}${KEYS_PATH.slice('/a2a'.length)}`,
      );
      // For others the SDK would serve its own form of a card, which is no JSON of A2A.
      legacyAgentCardRouter({
        agentCardProvider: async () => unsigned,
        cache: { maxAge: 0 },
      })(request, response, () => {
        response
          .vary(A2A_VERSION_HEADER)
          .set('cache-control', `private, max-age=${CARD_SECONDS}`)
          .json(signed);
      });
    },
  );

  router.use(
    '/a2a/:namespace/:name',
    // A message may have 100,000 characters, of up to four bytes each.
    jsonBody('1mb'),
    jsonRpcHandler({
      requestHandler: handler,
      userBuilder: async request => callerOf(request.res!),
      legacyCompat: { enabled: true },
    }),
  );

  router.use('/a2a', (request: Request) => {
    throw new NotFoundError(
      `There is no ${request.method} ${request.originalUrl}. Agents speak A2A over JSON-RPC at /a2a/<namespace>/<name>; their cards are at ${AGENT_CARD_PATH} below.`,
    );
  });

  router.use(
    '/a2a',
    (
      error: Error,
      _request: Request,
      response: Response,
      next: NextFunction,
    ) => {
      if (AuthenticationError.is(error)) {
        response.set('www-authenticate', 'Bearer');
      }
      next(error);
    },
  );
  return router;
}

/** Whether it is a card that is read; the path is what is left of it in a router, or all. */
function isCardOf({ method, originalUrl }: Request): boolean {
  const [path] = originalUrl.split('?');
  return method === 'GET' && path.endsWith(`/${AGENT_CARD_PATH}`);
}

function callerOf(response: Response): A2aCaller {
  return response.locals.caller;
}
