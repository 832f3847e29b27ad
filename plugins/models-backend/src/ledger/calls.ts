import type { ModelCall } from '@agentportal/plugin-models-common';
import type { Knex } from 'knex';
import type { VisibleCalls } from '../access/CallRights';
import type { DatabaseCallLedger } from './DatabaseCallLedger';
import { filterCalls, visibleByOne } from './callFilter';
import { CALLS } from './tables';

/** Where a page of calls ends: the moment and id of its last row. */
export interface CallPosition {
  createdAt: number;
  id: string;
}

interface CallRow {
  id: string;
  created_at: number | string;
  status: ModelCall['status'];
  duration_ms: number | null;
  ttfb_ms: number | null;
  provider_id: number;
  model_id: number;
  route_id: number | null;
  error_id: number | null;
  agent_id: number | null;
  owner_id: number | null;
  system_id: number | null;
  domain_id: number | null;
  user_id: number | null;
  run_id: string | null;
  step: number | null;
  input_uncached: number;
  cache_read: number;
  cache_write: number;
  output_text: number;
  reasoning: number;
  key_id: number | null;
  reason_id: number | null;
  role: number | null;
  cache_write_1h: number | null;
  input_audio: number | null;
  input_image: number | null;
  output_audio: number | null;
  output_image: number | null;
  characters: number | null;
  images: number | null;
  audio_seconds: number | null;
  search_units: number | null;
  compute_seconds: number | null;
  saved_by_cache_nano_usd: number | string | null;
  saved_by_routing_nano_usd: number | string | null;
  saved_by_compression_nano_usd: number | string | null;
  cost_nano_usd: number | string;
  price_version_id: number | null;
  estimated: boolean | number;
  held_nano_usd: number | string | null;
}

/** Rows of the ledger, the newest first. */
export async function queryCalls(
  ledger: DatabaseCallLedger,
  request: {
    runId?: string;
    agentRef?: string;
    among?: VisibleCalls;
    limit: number;
    after?: CallPosition;
  },
): Promise<{ items: ModelCall[]; next?: CallPosition }> {
  const { after, limit } = request;
  // An index gives rows in order for one value of a column only, so the calls
  // that one of several conditions lets through are looked for by each alone.
  const visible = await visibleByOne(ledger, request.among);
  const filtered = await filterCalls(ledger, {
    runId: request.runId,
    agentRef: request.agentRef,
    among: visible ? undefined : request.among,
  });
  if (!filtered || visible?.length === 0) {
    return { items: [] };
  }
  const { query } = filtered;
  if (after) {
    query.where((q: Knex.QueryBuilder) =>
      q
        .where('created_at', '<', after.createdAt)
        .orWhere((same: Knex.QueryBuilder) =>
          same.where('created_at', after.createdAt).where('id', '<', after.id),
        ),
    );
  }
  const newest = [
    { column: 'created_at', order: 'desc' },
    { column: 'id', order: 'desc' },
  ];
  const { db } = ledger;
  const places: Array<Pick<CallRow, 'id' | 'created_at'>> = await db
    .distinct('id', 'created_at')
    .from(
      db
        .unionAll(
          (visible ?? [{}]).map((condition, i) =>
            db.select('id', 'created_at').from(
              query
                .clone()
                .where(condition)
                .select('id', 'created_at')
                .orderBy(newest)
                .limit(limit + 1)
                .as(`part_${i}`),
            ),
          ),
        )
        .as('places'),
    )
    .orderBy(newest)
    .limit(limit + 1);
  const page: CallRow[] = await db(CALLS)
    .whereIn(
      'id',
      places.slice(0, limit).map(({ id }) => id),
    )
    .orderBy(newest);
  const names = await ledger.names.namesOf(
    page.flatMap(row =>
      Object.entries(row)
        .filter(([column, value]) => column.endsWith('_id') && value !== null)
        .map(([, value]) => Number(value))
        .filter(Number.isInteger),
    ),
  );
  const reasons = await ledger.reasons.sentencesOf(
    page.flatMap(row => row.reason_id ?? []),
  );
  const last = page.at(-1);
  return {
    items: page.map(row => toCall(row, names, reasons)),
    ...(places.length > limit &&
      last && { next: { createdAt: Number(last.created_at), id: last.id } }),
  };
}

/** No call has more attempts than this. */
const MAX_ATTEMPTS = 50;

/** What the ledger knows of a call, whatever model answered it. */
export interface FoundCall {
  userRef?: string;
  ownerRef?: string;
  model?: string;
  /** Name of the route that it was made by. */
  route?: string;
  /** Whether a model has answered. */
  answered: boolean;
  /** Per mille; absent when nothing rated the request. */
  complexity?: number;
}

/** A call by the id that its caller knows. */
export async function findCall(
  { db, names }: DatabaseCallLedger,
  callId: string,
): Promise<FoundCall | undefined> {
  const rows = await db(CALLS)
    .whereIn(
      'id',
      Array.from({ length: MAX_ATTEMPTS }, (_, i) => `${callId}-${i + 1}`),
    )
    .select(
      'status',
      'user_id',
      'owner_id',
      'model_id',
      'route_id',
      'complexity',
    );
  if (rows.length === 0) {
    return undefined;
  }
  const row = rows.find(({ status }) => status === 'succeeded') ?? rows[0];
  const found = await names.namesOf(
    [row.user_id, row.owner_id, row.model_id, row.route_id].filter(
      id => id !== null,
    ),
  );
  return {
    userRef: found.get(row.user_id),
    ownerRef: found.get(row.owner_id),
    model: found.get(row.model_id),
    route: found.get(row.route_id),
    answered: row.status === 'succeeded',
    complexity: row.complexity ?? undefined,
  };
}

const ROLES: Array<ModelCall['role']> = [
  undefined,
  'retry',
  'fallback',
  'hedge',
];

function toCall(
  row: CallRow,
  names: Map<number, string>,
  reasons: Map<number, string>,
): ModelCall {
  const name = (id: number | null) => (id === null ? undefined : names.get(id));
  const split = row.id.lastIndexOf('-');
  return {
    id: row.id,
    callId: row.id.slice(0, split),
    attempt: Number(row.id.slice(split + 1)),
    createdAt: new Date(Number(row.created_at)).toISOString(),
    durationMs: row.duration_ms ?? undefined,
    ttfbMs: row.ttfb_ms ?? undefined,
    provider: name(row.provider_id) ?? '',
    model: name(row.model_id) ?? '',
    route: name(row.route_id),
    status: row.status,
    errorCode: name(row.error_id),
    agentRef: name(row.agent_id),
    ownerRef: name(row.owner_id),
    systemRef: name(row.system_id),
    domainRef: name(row.domain_id),
    userRef: name(row.user_id),
    keyId: name(row.key_id),
    runId: row.run_id ?? undefined,
    step: row.step ?? undefined,
    role: ROLES[row.role ?? 0],
    reason: row.reason_id === null ? undefined : reasons.get(row.reason_id),
    usage: {
      inputUncached: row.input_uncached,
      cacheRead: row.cache_read,
      cacheWrite: row.cache_write,
      outputText: row.output_text,
      reasoning: row.reasoning,
      cacheWrite1h: row.cache_write_1h ?? undefined,
      inputAudio: row.input_audio ?? undefined,
      inputImage: row.input_image ?? undefined,
      outputAudio: row.output_audio ?? undefined,
      outputImage: row.output_image ?? undefined,
      characters: row.characters ?? undefined,
      images: row.images ?? undefined,
      audioSeconds: row.audio_seconds ?? undefined,
      searchUnits: row.search_units ?? undefined,
      computeSeconds: row.compute_seconds ?? undefined,
    },
    costNanoUsd: Number(row.cost_nano_usd),
    priceVersion: name(row.price_version_id),
    estimated: Boolean(row.estimated),
    savedNanoUsd: {
      cache: Number(row.saved_by_cache_nano_usd ?? 0),
      routing: Number(row.saved_by_routing_nano_usd ?? 0),
      compression: Number(row.saved_by_compression_nano_usd ?? 0),
    },
    ...(row.held_nano_usd !== null && {
      heldNanoUsd: Number(row.held_nano_usd),
      overrunNanoUsd: Math.max(
        0,
        Number(row.cost_nano_usd) - Number(row.held_nano_usd),
      ),
    }),
  };
}
