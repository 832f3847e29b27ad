import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { createOpenApiRouter } from '@agentportal/plugin-agents-node';
import type { TracesOperations } from '@agentportal/plugin-traces-common';
import { spec } from '../schema/openapi.generated';
import type { TracesService } from './TracesService';

/** The REST API. The OTLP endpoint of the document has a router of its own. */
export function createRouter(options: {
  service: TracesService;
  httpAuth: HttpAuthService;
}) {
  const { service, httpAuth } = options;
  const { '/v1/traces': _otlp, ...paths } = spec.paths;
  return createOpenApiRouter<Omit<TracesOperations, 'exportTraces'>>({
    spec: { ...spec, paths },
    httpAuth,
    handlers: {
      listTraces: ({ credentials, query }) =>
        service.listTraces(credentials, query),
      getTrace: ({ credentials, path }) =>
        service.getTrace(credentials, path.traceId),
      erasePerson: ({ credentials, query }) =>
        service.erasePerson(credentials, query.userRef),
      flagTrace: ({ body, credentials, path }) =>
        service.flagTrace(credentials, path.traceId, body.reason),
      unflagTrace: ({ credentials, path }) =>
        service.flagTrace(credentials, path.traceId),
      listSpans: ({ credentials, path, query }) =>
        service.listSpans(credentials, path.traceId, query),
      getSpan: ({ credentials, path }) =>
        service.getSpan(credentials, path.traceId, path.spanId),
      listSessions: ({ credentials, query }) =>
        service.listSessions(credentials, query),
      getSeries: ({ credentials, query }) =>
        service.getSeries(credentials, query),
      getTail: ({ credentials, query }) => service.getTail(credentials, query),
    },
  });
}
