import type {
  AttemptOutcome,
  AttemptStart,
  RequestFeatures,
} from '@agentportal/model-gateway';

/** Token columns are 32 bits wide; no model reads or writes that much at once. */
const MAX_TOKENS = 2 ** 31 - 1;
const MAX_RUN_ID = 64;

/** Columns of a row when its attempt starts, with their types on PostgreSQL. */
export const START_COLUMNS = {
  id: 'text',
  created_at: 'bigint',
  status: 'text',
  provider_id: 'int',
  model_id: 'int',
  route_id: 'int',
  agent_id: 'int',
  owner_id: 'int',
  system_id: 'int',
  domain_id: 'int',
  user_id: 'int',
  key_id: 'int',
  run_id: 'text',
  step: 'int',
  reason_id: 'int',
  role: 'smallint',
  complexity: 'smallint',
  needs: 'smallint',
  classification: 'smallint',
  stream: 'boolean',
  held_nano_usd: 'bigint',
  hold_set_id: 'int',
  hold_expires_at: 'bigint',
  instance_id: 'text',
} as const;

/** Columns that change when an attempt ends. */
export const END_COLUMNS = {
  status: 'text',
  error_id: 'int',
  duration_ms: 'int',
  ttfb_ms: 'int',
  input_uncached: 'int',
  cache_read: 'int',
  cache_write: 'int',
  output_text: 'int',
  reasoning: 'int',
  cache_write_1h: 'int',
  input_audio: 'int',
  input_image: 'int',
  output_audio: 'int',
  output_image: 'int',
  characters: 'int',
  images: 'int',
  audio_seconds: 'int',
  search_units: 'int',
  compute_seconds: 'int',
  cost_nano_usd: 'bigint',
  price_version_id: 'int',
  estimated: 'boolean',
  saved_by_cache_nano_usd: 'bigint',
  saved_by_routing_nano_usd: 'bigint',
  saved_by_compression_nano_usd: 'bigint',
} as const;

/** A value of a column; true and false are 1 and 0, which both databases take. */
export type ColumnValue = string | number | null;

/** What a row says of the holds of its attempt. */
export interface RowHold {
  setId: number;
  expiresAt: number;
  instanceId: string;
}

const ROLES = { retry: 1, fallback: 2, hedge: 3 } as const;
const NEEDS = {
  tools: 1,
  vision: 2,
  audio: 4,
  files: 8,
  'structured-output': 16,
} as const;
const CLASSIFICATIONS = {
  public: 0,
  internal: 1,
  confidential: 2,
  restricted: 3,
} as const;

/** Names that a row has by number when it starts, in the order of the columns. */
export function startNames(start: AttemptStart): Array<string | undefined> {
  const { account } = start;
  return [
    start.provider,
    start.model,
    start.route,
    account.agentRef,
    account.ownerRef,
    account.systemRef,
    account.domainRef,
    account.userRef,
    account.keyId,
  ];
}

/**
 * The values of a row that starts, in the order of `START_COLUMNS`.
 *
 * @param nameIds - the numbers of {@link startNames}
 */
export function startValues(
  start: AttemptStart,
  nameIds: ReadonlyArray<number | null>,
  reasonId: number | null,
  hold?: RowHold,
): ColumnValue[] {
  const { account, features } = start;
  return [
    start.id,
    start.createdAt,
    'started',
    ...nameIds,
    account.runId?.slice(0, MAX_RUN_ID) ?? null,
    account.step ?? null,
    reasonId,
    start.role ? ROLES[start.role] : null,
    features?.complexity === undefined
      ? null
      : Math.round(features.complexity * 1000),
    features ? needsOf(features) : null,
    features?.dataClassification
      ? CLASSIFICATIONS[features.dataClassification]
      : null,
    features ? Number(features.stream) : null,
    start.boundNanoUsd ?? null,
    hold?.setId ?? null,
    hold?.expiresAt ?? null,
    hold?.instanceId ?? null,
  ];
}

/** Names that a row has by number when it ends. */
export function endNames(outcome: AttemptOutcome): Array<string | undefined> {
  return [outcome.errorCode, outcome.priceVersion];
}

/**
 * What changes in a row when its attempt ends, in the order of `END_COLUMNS`.
 *
 * @param nameIds - the numbers of {@link endNames}
 */
export function endValues(
  outcome: AttemptOutcome,
  [errorId, priceVersionId]: ReadonlyArray<number | null>,
): ColumnValue[] {
  const { savings, usage } = outcome;
  return [
    outcome.status,
    errorId,
    outcome.durationMs,
    outcome.ttfbMs ?? null,
    tokens(usage.inputUncached),
    tokens(
      usage.cacheRead +
        (usage.cacheReadAudio ?? 0) +
        (usage.cacheReadImage ?? 0),
    ),
    tokens(usage.cacheWrite),
    tokens(usage.outputText),
    tokens(usage.reasoning),
    someTokens(usage.cacheWrite1h),
    someTokens(usage.inputAudio),
    someTokens(usage.inputImage),
    someTokens(usage.outputAudio),
    someTokens(usage.outputImage),
    someTokens(usage.characters),
    someTokens(usage.images),
    someTokens(usage.audioSeconds),
    someTokens(usage.searchUnits),
    someTokens(usage.computeSeconds),
    outcome.costNanoUsd,
    priceVersionId,
    Number(outcome.estimated),
    savings?.cacheNanoUsd ?? null,
    savings?.routingNanoUsd ?? null,
    savings?.compressionNanoUsd ?? null,
  ];
}

function tokens(count: number): number {
  return count > MAX_TOKENS ? MAX_TOKENS : count;
}

/** Parts that most calls do not have are left empty there. */
function someTokens(count: number | undefined): number | null {
  return count ? tokens(count) : null;
}

function needsOf(features: RequestFeatures): number {
  let bits = 0;
  for (const need of features.needs) {
    bits += NEEDS[need];
  }
  return bits;
}
