import type {
  BudgetChange,
  BudgetSummary,
  NewBudget,
} from '@agentportal/plugin-models-common';
import type { IncomingMessage } from 'node:http';
import type { ModelsServerState } from './startModelsServer';

/** A budget of ten dollars a month; a test says what matters to it. */
export function budget(
  id: string,
  fields: Partial<BudgetSummary> = {},
): BudgetSummary {
  const at = '2026-11-01T00:00:00.000Z';
  return {
    id,
    scope: { type: 'agent', ref: `agent:default/${id}` },
    window: 'month',
    limitNanoUsd: 10e9,
    softThresholds: [0.5, 0.8, 1],
    source: 'api',
    ownerRefs: [],
    editable: true,
    createdAt: at,
    createdBy: 'user:default/dana',
    updatedAt: at,
    updatedBy: 'user:default/dana',
    usage: {
      spentNanoUsd: 0,
      heldNanoUsd: 0,
      leftNanoUsd: 10e9,
      windowStart: at,
      renewsAt: new Date(Date.now() + 3.5 * 86_400_000).toISOString(),
    },
    ...fields,
  };
}

/** The part of the contract that is about budgets. */
export async function answerBudgets(
  request: IncomingMessage,
  state: ModelsServerState,
): Promise<{ status: number; body: unknown }> {
  const { pathname, searchParams } = new URL(request.url!, 'http://x');
  const [, , id, history] = pathname.split('/');
  if (history) {
    const change: BudgetChange = {
      id: 2,
      at: '2026-11-02T00:00:00.000Z',
      by: 'user:default/erin',
      action: 'updated',
      before: { ...state.budgets[0], limitNanoUsd: 5e9 },
      after: state.budgets[0],
    };
    return { status: 200, body: { items: [change] } };
  }
  if (request.method === 'GET') {
    const items = state.budgets.filter(
      ({ scope }) =>
        (searchParams.get('scopeType') ?? scope.type) === scope.type &&
        (searchParams.get('scopeRef') ?? scope.ref) === scope.ref &&
        `${scope.type} ${scope.ref}`.includes(searchParams.get('q') ?? ''),
    );
    return { status: 200, body: { items, mayCreate: state.mayCreate } };
  }
  if (request.method === 'DELETE') {
    state.budgets = state.budgets.filter(each => each.id !== id);
    return { status: 204, body: null };
  }
  const terms = JSON.parse(await bodyOf(request)) as NewBudget;
  if (request.method === 'POST') {
    if (terms.limitNanoUsd === 13e9) {
      return refusal(409, 'ConflictError', 'There is a budget already.');
    }
    const made = budget(`made${state.budgets.length}`, terms);
    state.budgets.push(made);
    return { status: 201, body: made };
  }
  const changed = { ...state.budgets.find(each => each.id === id)!, ...terms };
  state.budgets = state.budgets.map(each => (each.id === id ? changed : each));
  return { status: 200, body: changed };
}

function refusal(status: number, name: string, message: string) {
  return {
    status,
    body: {
      error: { name, message },
      request: { method: 'GET', url: '/budgets' },
      response: { statusCode: status },
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) {
    text += part;
  }
  return text;
}
