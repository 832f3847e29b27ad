import type {
  AnswerCacheStats,
  BudgetSummary,
  CostForecast,
  CostItem,
  CostSums,
  ModelSummary,
  ProviderSummary,
} from '@agentportal/plugin-models-common';
import { createServer } from 'node:http';
import { answerBudgets } from './answerBudgets';
import type { AddressInfo } from 'node:net';

/** A model as the backend describes it; a test says what matters to it. */
export function model(
  id: string,
  fields: Partial<ModelSummary> = {},
): ModelSummary {
  const name = id.replace('/', '.');
  return {
    id,
    ref: `model:default/${name}`,
    name,
    title: name,
    provider: id.split('/')[0],
    type: 'chat',
    status: 'available',
    capabilities: [],
    price: null,
    source: 'provider',
    usage30d: { calls: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: 0 },
    ...fields,
  };
}

/** A group of ten calls that cost some dollars. */
export function cost(key: string, usd: number, split?: string): CostItem {
  return {
    key,
    ...(split === undefined ? {} : { split }),
    calls: 10,
    inputTokens: 1000,
    outputTokens: 100,
    costNanoUsd: usd * 1e9,
    cachedCalls: 0,
    savedNanoUsd: { cache: 0, routing: 0, compression: 0 },
  };
}

/** What a test decides. */
export interface ModelsServerState {
  models: ModelSummary[];
  providers: ProviderSummary[];
  /** Answers a query of costs. */
  costs(query: URLSearchParams): CostItem[];
  forecast: CostForecast;
  budgets: BudgetSummary[];
  /** Whose calls the person may see. */
  visible: 'all' | 'own';
  mayCreate: boolean;
  /** Everything answers 500 while this is set. */
  broken: boolean;
  /** Answers that agents remember. */
  remembered: AnswerCacheStats['items'];
  /** Queries of the costs that were asked for. */
  asked: URLSearchParams[];
}

/** An HTTP server that speaks the contract of the models backend. */
export async function startModelsServer() {
  const state: ModelsServerState = {
    models: [],
    providers: [],
    costs: () => [],
    forecast: {
      month: '2026-11',
      asOf: '2026-11-16T12:00:00.000Z',
      visible: 'all',
      monthToDateNanoUsd: 0,
      method: { id: 'too-little-data', days: 0, text: 'Too little data.' },
    },
    budgets: [],
    visible: 'all',
    mayCreate: true,
    broken: false,
    remembered: [],
    asked: [],
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (state.broken) {
      return send(500, {
        error: { name: 'Error', message: 'database is locked' },
        request: { method: 'GET', url: pathname },
        response: { statusCode: 500 },
      });
    }
    if (pathname.startsWith('/budgets')) {
      return void answerBudgets(request, state).then(({ status, body }) =>
        send(status, body),
      );
    }
    switch (pathname) {
      case '/cache': {
        const found = state.remembered.filter(
          ({ agentRef }) => agentRef === searchParams.get('agentRef'),
        );
        if (request.method === 'DELETE') {
          state.remembered = [];
          return send(200, { deleted: found[0]?.entries ?? 0 });
        }
        return send(200, {
          embeddings: 'lexical',
          totals: { entries: 0, bytes: 0, hits: 0, savedNanoUsd: 0 },
          items: found,
        });
      }
      case '/rate-limits':
        return send(200, { items: [] });
      case '/costs/forecast':
        return send(200, state.forecast);
      case '/costs/focus.csv':
        response.writeHead(200, { 'content-type': 'text/csv' });
        return response.end('BilledCost\r\n0.5\r\n');
      case '/providers':
        return send(200, { items: state.providers });
      case '/models':
        return send(200, {
          items: state.models.filter(
            each =>
              each.title.includes(searchParams.get('q') ?? '') &&
              (searchParams.get('type') ?? each.type) === each.type,
          ),
        });
      case '/costs': {
        state.asked.push(searchParams);
        const items = state.costs(searchParams);
        return send(200, {
          items,
          totals: sum(items),
          visible: state.visible,
        });
      }
      default:
        return send(404, {});
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function sum(items: CostItem[]): CostSums {
  const totals = {
    calls: 0,
    inputTokens: 0,
    outputTokens: 0,
    costNanoUsd: 0,
    cachedCalls: 0,
    savedNanoUsd: { cache: 0, routing: 0, compression: 0 },
  };
  for (const item of items) {
    totals.calls += item.calls;
    totals.inputTokens += item.inputTokens;
    totals.outputTokens += item.outputTokens;
    totals.costNanoUsd += item.costNanoUsd;
    totals.cachedCalls += item.cachedCalls;
    totals.savedNanoUsd.cache += item.savedNanoUsd.cache;
    totals.savedNanoUsd.routing += item.savedNanoUsd.routing;
    totals.savedNanoUsd.compression += item.savedNanoUsd.compression;
  }
  return totals;
}
