import { createValidatedOpenApiRouter } from '@backstage/backend-openapi-utils';
import type {
  BackstageCredentials,
  BackstagePrincipalTypes,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import {
  type Request,
  type RequestHandler,
  type Response,
  Router,
} from 'express';
import { jsonBody } from './jsonBody';
import { type OpenApiDocument, requestsOf } from './requestsOf';
import { toOutage } from './toOutage';

type Json<T> = T extends { content: { 'application/json': infer Content } }
  ? Content
  : undefined;
type Parameters<O, In extends string> = O extends {
  parameters: { [K in In]?: infer P };
}
  ? [NonNullable<P>] extends [never]
    ? {}
    : NonNullable<P>
  : {};
/** Every document gives `limit` a default, which generated types of parameters do not know. */
type Query<O> = 'limit' extends keyof Parameters<O, 'query'>
  ? Parameters<O, 'query'> & { limit: number }
  : Parameters<O, 'query'>;
type Body<O> = O extends { requestBody?: infer R }
  ? [NonNullable<R>] extends [never]
    ? undefined
    : Json<NonNullable<R>> | (undefined extends R ? undefined : never)
  : undefined;
type Success<O> = O extends { responses: infer R }
  ? Json<R[keyof R & (200 | 201 | 202)]>
  : undefined;

/**
 * Answers one operation. What it returns is sent as JSON with the first 2xx status
 * that the document gives the operation; a handler that writes to `response` itself
 * returns nothing.
 *
 * @public
 */
export type OperationHandler<O> = (call: {
  path: Parameters<O, 'path'>;
  query: Query<O>;
  body: Body<O>;
  credentials: BackstageCredentials;
  request: Request;
  response: Response;
}) => Promise<Success<O> | void> | Success<O> | void;

/**
 * A handler for each operation of a document, by its operationId.
 *
 * @public
 */
export type OperationHandlers<Operations> = {
  [Id in keyof Operations]: OperationHandler<Operations[Id]>;
};

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/**
 * The one way to serve an OpenAPI document: requests are validated against it and
 * authenticated before a handler sees them, routes and statuses come from it, and the
 * types of handlers from the types that are generated of it. A database or plugin that
 * is away is a 503, whatever the handler makes of it. Paths that it does not
 * have are answered with Backstage's error envelope, so this router comes last.
 *
 * @typeParam Operations - the generated `operations` of the document
 * @public
 */
export function createOpenApiRouter<Operations>(options: {
  /** The document. */
  spec: unknown;
  httpAuth: HttpAuthService;
  handlers: OperationHandlers<Operations>;
  /** Who may call at all; people and services unless given. */
  allow?: Array<keyof BackstagePrincipalTypes>;
  /** Replaces the parser of JSON bodies of 100 kB at most. */
  middleware?: RequestHandler[];
}): Router {
  const { httpAuth, handlers, allow = ['user', 'service'] } = options;
  const document = options.spec as OpenApiDocument;
  const router = Router();
  router.get('/openapi.json', ({ baseUrl }, response) => {
    response.json({
      ...document,
      paths: Object.fromEntries(
        Object.entries(document.paths).map(([path, item]) => [
          `${baseUrl}${path}`,
          item,
        ]),
      ),
    });
  });
  // The document's type is of OpenAPI 3.0 upstream, ours is 3.1.
  const validated = createValidatedOpenApiRouter(
    requestsOf(document) as never,
    {
      middleware: options.middleware ?? [jsonBody('100kb')],
      validatorOptions: {
        // `yarn generate` has checked it, which takes longer than all else at the start of a plugin.
        validateApiSpec: false,
        // The validator of before passes the 39th of the 19th month, which no Date is.
        formats: {
          'date-time': { type: 'string', validate: isTime },
        },
      },
    },
  ) as unknown as Router;
  router.use(validated);

  for (const { path, method, operationId, status } of operationsOf(document)) {
    const handler = handlers[operationId as keyof Operations] as
      | OperationHandler<any>
      | undefined;
    if (!handler) {
      throw new Error(`The operation ${operationId} has no handler`);
    }
    validated[method](path, async (request, response) => {
      if (request.url.includes('%00')) {
        // Ids and filters go to databases, and PostgreSQL knows no such text.
        throw new InputError('No id and no filter holds the character U+0000.');
      }
      // The validator has read 1e309 as Infinity, and takes that for an integer within all bounds.
      for (const [name, value] of Object.entries(request.query)) {
        if (typeof value === 'number' && !Number.isFinite(value)) {
          throw new InputError(`${name} is larger than any number may be.`);
        }
      }
      const credentials = await httpAuth.credentials(request, { allow });
      let result;
      try {
        result = await handler({
          path: request.params,
          query: request.query,
          body: request.body,
          credentials,
          request,
          response,
        });
      } catch (error) {
        throw toOutage(error);
      }
      if (response.headersSent) {
        return;
      }
      if (result === undefined) {
        response.status(status).end();
      } else {
        response.status(status).json(result);
      }
    });
  }

  router.use((request, _response, next) => {
    // Backstage's own routes of a plugin, such as /.well-known, come after.
    if (request.path.startsWith('/.')) {
      next();
      return;
    }
    throw new NotFoundError(
      `There is no ${request.method} ${request.baseUrl}${request.path}. See ${request.baseUrl}/openapi.json for what there is.`,
    );
  });
  return router;
}

/** A time as RFC 3339 writes it, and one that there is. */
function isTime(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i.test(
      text,
    ) && !Number.isNaN(Date.parse(text))
  );
}

/** The operations, paths without parameters first so that none hides another. */
function operationsOf(document: OpenApiDocument) {
  return Object.entries(document.paths)
    .flatMap(([template, item]) =>
      METHODS.flatMap(method => {
        const operation = item[method] as
          | { operationId: string; responses?: Record<string, unknown> }
          | undefined;
        if (!operation) {
          return [];
        }
        const status = Object.keys(operation.responses ?? {}).find(code =>
          code.startsWith('2'),
        );
        return [
          {
            method,
            path: template.replace(/\{([^}]+)\}/g, ':$1'),
            operationId: operation.operationId,
            status: Number(status ?? 200),
          },
        ];
      }),
    )
    .sort((a, b) => parameters(a.path) - parameters(b.path));
}

function parameters(path: string): number {
  return path.split(':').length;
}
