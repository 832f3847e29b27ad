import {
  EvalsClient,
  evaluationReadPermission,
  type AgentAutonomy,
  type DataSet,
  type Evaluation,
  type MetricComparison,
  type Review,
  type Scorecard,
} from '@agentportal/plugin-evals-common';
import { coreApis, useAppLocation } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import {
  EntityProvider,
  catalogApiRef,
  entityRouteRef,
} from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import {
  AuthorizeResult,
  type Permission,
} from '@backstage/plugin-permission-common';
import { permissionApiRef } from '@backstage/plugin-permission-react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { ReactElement } from 'react';
import { evalsApiRef } from '../api/evalsApiRef';
import {
  approvalsRouteRef,
  evaluationsRouteRef,
  experimentsRouteRef,
  reviewsRouteRef,
  runRouteRef,
} from '../routes';

export const BASE = 'http://portal.test/api/evals';
export const AGENT = 'agent:default/order-desk';
export const INSTRUCTIONS = 'Answer with the status of the order.';
/** As usual, unless a test says otherwise. */
export const server = setupServer(
  http.get(`${BASE}/alarms`, () =>
    HttpResponse.json({
      ...{ items: [], muted: [] },
      answered: { real: 0, notReal: 0 },
    }),
  ),
  http.get(`${BASE}/experiment-admission`, () =>
    HttpResponse.json({
      ...{ agentRef: AGENT, allowed: true, needsEvaluation: false },
      sentence: 'You may.',
    }),
  ),
  http.get(`${BASE}/autonomy`, () => HttpResponse.json(autonomy())),
  http.get(`${BASE}/failure-clusters`, () =>
    HttpResponse.json({ days: 90, failures: 0, items: [] }),
  ),
  http.get(`${BASE}/proposals`, () => HttpResponse.json({ items: [] })),
);

const AT = '2026-11-22T10:00:00.000Z';

const ENTITY = {
  apiVersion: 'agentportal.dev/v1alpha1',
  kind: 'Agent',
  metadata: { name: 'order-desk', namespace: 'default', title: 'Order Desk' },
  spec: { instructions: INSTRUCTIONS },
};

export function scorecard(fields: Partial<Scorecard> = {}): Scorecard {
  return {
    agentRef: AGENT,
    title: 'Order Desk',
    ownerRef: 'group:default/customer-care',
    level: 'bronze',
    nextLevel: 'silver',
    sentence: 'It is right often enough, but nobody knows how fast it is.',
    computedAt: AT,
    passed: 1,
    total: 3,
    checks: [],
    ...fields,
  };
}

export function autonomy(fields: Partial<AgentAutonomy> = {}): AgentAutonomy {
  return {
    agentRef: AGENT,
    autonomy: 'supervised',
    askedShare: 0.05,
    confidence: 0.95,
    since: AT,
    hasMore: false,
    tools: [],
    ...fields,
  };
}

export function dataSet(fields: Partial<DataSet> = {}): DataSet {
  return {
    id: 'set-1',
    title: 'Orders',
    agentRef: AGENT,
    origin: 'portal',
    version: 3,
    caseCount: 50,
    updatedAt: AT,
    smallestDifference: 0.118,
    problems: [],
    ...fields,
  };
}

export function evaluation(fields: Partial<Evaluation> = {}): Evaluation {
  return {
    id: 'eval-1',
    agentRef: AGENT,
    dataSetId: 'set-1',
    dataSetTitle: 'Orders',
    dataSetVersion: 3,
    label: 'Friday',
    subjectDigest: 'abc',
    status: 'completed',
    trials: 1,
    counts: { cases: 50, passed: 45, failed: 5, incomplete: 0, waiting: 0 },
    passRate: { value: 0.9, low: 0.79, high: 0.96 },
    createdAt: AT,
    createdBy: 'user:default/elin.marklund',
    ...fields,
  };
}

export function metric(
  fields: Partial<MetricComparison> = {},
): MetricComparison {
  return {
    metric: 'pass-rate',
    unit: 'share',
    baseline: 0.84,
    candidate: 0.9,
    difference: { value: 0.06, low: 0.02, high: 0.1 },
    better: 'higher',
    ...fields,
  };
}

export function review(fields: Partial<Review> = {}): Review {
  return {
    id: 'review-1',
    agentRef: AGENT,
    runId: 'run-1',
    reason: 'feedback',
    status: 'waiting',
    ask: 'Where is NH-10042?',
    answer: 'In the moon.',
    createdAt: AT,
    verdicts: [],
    ...fields,
  };
}

/** What was asked of the server, and with what. */
export interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  body?: unknown;
}

/**
 * Answers requests by `GET /path` and alike; an error is an answer with `status`. Writes down what
 * was asked for. What nobody asked a test to answer fails it.
 */
export function serve(
  answers: Record<string, object | ((asked: Asked) => object)>,
): Asked[] {
  const asked: Asked[] = [];
  server.use(
    ...Object.entries(answers).map(([route, answer]) => {
      const [method, path] = route.split(' ');
      return http[method.toLowerCase() as 'get'](
        `${BASE}${path}`,
        async ({ request }) => {
          const url = new URL(request.url);
          const body = await request.text();
          const one: Asked = {
            method,
            path: url.pathname.slice(new URL(BASE).pathname.length),
            query: Object.fromEntries(url.searchParams),
            ...(body && { body: JSON.parse(body) }),
          };
          asked.push(one);
          const value = typeof answer === 'function' ? answer(one) : answer;
          return value instanceof Response
            ? value
            : HttpResponse.json(value as {});
        },
      );
    }),
  );
  return asked;
}

export function refusal(status: number, name: string, message = name) {
  return HttpResponse.json(
    { error: { name, message }, response: { statusCode: status } },
    { status },
  );
}

const Address = () => {
  const { pathname, search } = useAppLocation();
  return <output aria-label="Address">{`${pathname}${search}`}</output>;
};

/** Shows a page as in the portal; `mounted` is where it is. */
export function openPage(
  page: ReactElement,
  options: {
    path: string;
    mounted: string;
    mayManage?: boolean;
    mayRead?: boolean;
  },
) {
  const { mayManage = true, mayRead = true, mounted, path } = options;
  const discoveryApi = { getBaseUrl: async () => BASE };
  const fetchApi = {
    fetch: (...args: Parameters<typeof fetch>) => fetch(...args),
  };
  // What may be done with an agent is remembered for a while, so who may not sees another one.
  let name = mayManage ? 'order-desk' : 'returns-desk';
  if (!mayRead) {
    name = 'invoice-clerk';
  }
  const entity = { ...ENTITY, metadata: { ...ENTITY.metadata, name } };
  const resultOf = (permission: Permission) =>
    (permission.name === evaluationReadPermission.name ? mayRead : mayManage)
      ? AuthorizeResult.ALLOW
      : AuthorizeResult.DENY;
  return renderInTestApp(
    <EntityProvider entity={entity}>
      {page}
      <Address />
    </EntityProvider>,
    {
      mountPath: mounted,
      initialRouteEntries: [path],
      mountedRoutes: {
        '/catalog/:namespace/:kind/:name': entityRouteRef,
        '/all-approvals': approvalsRouteRef as never,
        '/all-evaluations': evaluationsRouteRef,
        '/all-reviews': reviewsRouteRef,
        '/all-experiments': experimentsRouteRef,
        '/all-runs/:id': runRouteRef as never,
      },
      apis: [
        [evalsApiRef, new EvalsClient({ discoveryApi, fetchApi })],
        [catalogApiRef, catalogApiMock({ entities: [ENTITY] })],
        [
          permissionApiRef,
          {
            authorize: async ({ permission }: { permission: Permission }) =>
              ({ result: resultOf(permission) } as never),
          },
        ],
        [
          coreApis.identity,
          {
            getBackstageIdentity: async () => ({
              type: 'user' as const,
              userEntityRef: 'user:default/elin.marklund',
              ownershipEntityRefs: ['group:default/customer-care'],
            }),
            getProfileInfo: async () => ({}),
            getCredentials: async () => ({}),
            signOut: async () => {},
          },
        ],
      ],
    },
  );
}
