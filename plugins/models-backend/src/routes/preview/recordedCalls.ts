import type { DataClassification } from '@agentportal/model-gateway';
import type { DatabaseCallLedger } from '../../ledger/DatabaseCallLedger';
import { type CallFilter, filterCalls } from '../../ledger/callFilter';

/** In the order of the bits and numbers that the ledger keeps. */
const NEEDS = [
  'tools',
  'vision',
  'audio',
  'files',
  'structured-output',
] as const;
const CLASSIFICATIONS: DataClassification[] = [
  'public',
  'internal',
  'confidential',
  'restricted',
];

/** What a call needs a model to do. */
export type Need = (typeof NEEDS)[number];

/** A call of the past, as far as another route would look at it. */
export interface RecordedCall {
  createdAt: number;
  /** Gateway id of the model that served it. */
  model: string;
  usage: {
    inputUncached: number;
    cacheRead: number;
    cacheWrite: number;
    outputText: number;
    reasoning: number;
  };
  costNanoUsd: number;
  ttfbMs?: number;
  needs: Need[];
  /** From 0 to 1; absent for calls from before it was recorded. */
  complexity?: number;
  dataClassification?: DataClassification;
}

interface Row {
  created_at: number | string;
  model_id: number;
  input_uncached: number;
  cache_read: number;
  cache_write: number;
  output_text: number;
  reasoning: number;
  cost_nano_usd: number | string;
  ttfb_ms: number | null;
  needs: number | null;
  complexity: number | null;
  classification: number | null;
}

/**
 * The newest successful calls of a route, or of all routes and models, since a
 * moment. What was served from memory never reached a model and is left out.
 */
export async function recordedCalls(
  ledger: DatabaseCallLedger,
  request: Pick<CallFilter, 'route' | 'from' | 'among'> & { limit: number },
): Promise<{ calls: RecordedCall[]; total: number }> {
  const { limit, ...filter } = request;
  const filtered = await filterCalls(ledger, filter);
  if (!filtered) {
    return { calls: [], total: 0 };
  }
  const query = filtered.query
    .where('status', 'succeeded')
    .whereNull('saved_by_cache_nano_usd');
  const [rows, [counted]] = await Promise.all([
    query
      .clone()
      .select(
        'created_at',
        'model_id',
        'input_uncached',
        'cache_read',
        'cache_write',
        'output_text',
        'reasoning',
        'cost_nano_usd',
        'ttfb_ms',
        'needs',
        'complexity',
        'classification',
      )
      .orderBy('created_at', 'desc')
      .limit(limit) as Promise<Row[]>,
    query.clone().count({ total: '*' }),
  ]);
  const names = await ledger.names.namesOf(rows.map(row => row.model_id));
  return {
    total: Number(counted.total),
    calls: rows.map(row => toCall(row, names.get(row.model_id) ?? '')),
  };
}

function toCall(row: Row, model: string): RecordedCall {
  const bits = row.needs ?? 0;
  return {
    createdAt: Number(row.created_at),
    model,
    usage: {
      inputUncached: row.input_uncached,
      cacheRead: row.cache_read,
      cacheWrite: row.cache_write,
      outputText: row.output_text,
      reasoning: row.reasoning,
    },
    costNanoUsd: Number(row.cost_nano_usd),
    ttfbMs: row.ttfb_ms ?? undefined,
    needs: NEEDS.filter((_, bit) => bits & (1 << bit)),
    complexity: row.complexity === null ? undefined : row.complexity / 1000,
    dataClassification:
      row.classification === null
        ? undefined
        : CLASSIFICATIONS[row.classification],
  };
}
