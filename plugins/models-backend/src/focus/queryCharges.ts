import type { CallFilter } from '../ledger/callFilter';
import { callSums } from '../ledger/callSums';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { TOKEN_KINDS } from './tokenKinds';

const PAGE = 1_000;

/** The columns of the ledger that tell charges apart. */
const KEYS = [
  'provider_id',
  'model_id',
  'price_version_id',
  'agent_id',
  'owner_id',
  'system_id',
  'domain_id',
  'user_id',
  'key_id',
] as const;

/** The names that a charge is known by; absent where there is none. */
export interface ChargeKey {
  provider: string;
  model: string;
  priceVersion?: string;
  agentRef?: string;
  ownerRef?: string;
  systemRef?: string;
  domainRef?: string;
  userRef?: string;
  keyId?: string;
}

/** Calls of one time, model and account, summed up. */
export interface Charge extends ChargeKey {
  calls: number;
  costNanoUsd: bigint;
  /** In the order of the kinds of tokens. */
  tokens: bigint[];
  /** What it cost is what was held for it, because its process ended. */
  unreconciled: boolean;
}

/**
 * Sums calls of a time by everything that a charge is told apart by, page after
 * page. Each sum is read at once, so calls that end meanwhile are in it wholly or
 * not at all.
 */
export async function* queryCharges(
  ledger: DatabaseCallLedger,
  filter: CallFilter,
  options: { withKeys: boolean; withUsers: boolean },
): AsyncGenerator<Charge> {
  const { db } = ledger;
  const untold: string[] = [
    ...(options.withKeys ? [] : ['key_id']),
    ...(options.withUsers ? [] : ['user_id']),
  ];
  const columns = [
    // Without keys, calls of different keys are one charge; so it is with people.
    ...KEYS.map(key =>
      untold.includes(key) ? 'model_id * 0' : `coalesce(${key}, 0)`,
    ),
    'unreconciled',
  ];
  let after: number[] | undefined;
  for (;;) {
    const summed = await callSums(ledger, filter);
    if (!summed) {
      return;
    }
    const { query } = summed;
    columns.forEach((column, index) =>
      query.select(db.raw(`${column} as k${index}`)),
    );
    query
      .sum({ calls: 'calls' })
      .sum({ cost: 'cost_nano_usd' })
      .groupByRaw(columns.join(', '))
      .orderByRaw(columns.join(', '))
      .limit(PAGE);
    for (const { column } of TOKEN_KINDS) {
      query.sum({ [column]: column });
    }
    if (after) {
      query.whereRaw(
        `(${columns.join(', ')}) > (${after.map(() => '?').join(', ')})`,
        after,
      );
    }
    const rows: Array<Record<string, number | string | null>> = await query;
    const names = await ledger.names.namesOf(
      rows.flatMap(row => KEYS.map((_, index) => Number(row[`k${index}`]))),
    );
    for (const row of rows) {
      const name = (key: (typeof KEYS)[number]) =>
        names.get(Number(row[`k${KEYS.indexOf(key)}`]));
      yield {
        provider: name('provider_id') ?? '',
        model: name('model_id') ?? '',
        priceVersion: name('price_version_id'),
        agentRef: name('agent_id'),
        ownerRef: name('owner_id'),
        systemRef: name('system_id'),
        domainRef: name('domain_id'),
        userRef: name('user_id'),
        keyId: name('key_id'),
        unreconciled: Number(row[`k${KEYS.length}`]) === 1,
        calls: Number(row.calls),
        costNanoUsd: BigInt(row.cost ?? 0),
        tokens: TOKEN_KINDS.map(({ column }) => BigInt(row[column] ?? 0)),
      };
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) {
      return;
    }
    after = columns.map((_, index) => Number(last[`k${index}`]));
  }
}
