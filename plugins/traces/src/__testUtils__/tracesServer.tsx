import {
  TracesClient,
  type Span,
  type Trace,
} from '@agentportal/plugin-traces-common';
import { coreApis } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { catalogApiRef, entityRouteRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { ReactElement } from 'react';
import { type QualityApi, qualityApiRef } from '../api/qualityApiRef';
import { tracesApiRef } from '../api/tracesApiRef';
import { approvalsRouteRef, rootRouteRef, runRouteRef } from '../routes';

export const BASE = 'http://portal.test/api/traces';
export const server = setupServer();

const TOKENS = { inputTokens: 1_000, outputTokens: 200, cacheReadTokens: 0 };

export function trace(fields: Partial<Trace> = {}): Trace {
  return {
    traceId: 'a'.repeat(32),
    name: 'invoke_agent order-desk',
    rootReceived: true,
    status: 'ok',
    startedAt: '2026-11-22T10:00:00.000Z',
    durationMs: 2_400,
    agentRef: 'agent:default/order-desk',
    ownerRef: 'group:default/customer-care',
    spans: 3,
    errors: 0,
    tokens: TOKENS,
    costNanoUsd: 20_000_000,
    keeps: 'everything',
    ...fields,
  };
}

/** A span whose name is its id. */
export function span(
  spanId: string,
  depth: number,
  fields: Partial<Span> = {},
): Span {
  return {
    spanId,
    name: spanId,
    kind: 'tool',
    status: 'ok',
    startedAt: '2026-11-22T10:00:00.000Z',
    offsetMs: 0,
    durationMs: 100,
    depth,
    childCount: 0,
    ...fields,
  };
}

/** Answers with traces, and writes down what was asked for. */
export function serveList(
  items: Trace[],
  figuresOf?: (query: Record<string, string>) => object,
) {
  const asked: URL[] = [];
  server.use(
    http.get(`${BASE}/traces`, ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json({ items });
    }),
    http.get(`${BASE}/series`, ({ request }) => {
      const url = new URL(request.url);
      asked.push(url);
      const query = Object.fromEntries(url.searchParams);
      const found = figuresOf?.(query) as { key?: string } | undefined;
      const { key, ...total } = found ?? {};
      const at = `${query.to.slice(0, 10)}T00:00:00.000Z`;
      return HttpResponse.json({
        from: query.from,
        to: query.to,
        intervalSeconds: 86_400,
        items: found
          ? [{ ...(key && { key }), total, points: [{ at, ...total }] }]
          : [],
      });
    }),
  );
  return asked;
}

/** Shows a page as in the portal; `mounted` is where it is, `quality` is there with the evals plugin. */
export function openPage(
  page: ReactElement,
  options: { path: string; mounted?: string; quality?: QualityApi },
) {
  const discoveryApi = { getBaseUrl: async () => BASE };
  const fetchApi = {
    fetch: (...args: Parameters<typeof fetch>) => fetch(...args),
  };
  return renderInTestApp(page, {
    mountPath: options.mounted ?? '/traces/*',
    initialRouteEntries: [options.path],
    mountedRoutes: {
      '/catalog/:namespace/:kind/:name': entityRouteRef,
      '/all-traces': rootRouteRef,
      '/all-runs/:id': runRouteRef as never,
      '/approvals': approvalsRouteRef as never,
    },
    apis: [
      [tracesApiRef, new TracesClient({ discoveryApi, fetchApi })],
      ...(options.quality ? ([[qualityApiRef, options.quality]] as const) : []),
      [coreApis.discovery, discoveryApi],
      [catalogApiRef, catalogApiMock()],
    ],
  });
}
