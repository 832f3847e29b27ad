import type { Price } from '@agentportal/model-gateway';
import type { CallFilter } from '../ledger/callFilter';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { FOCUS_COLUMNS, type FocusAccount, type FocusRow } from './columns';
import { csvLine } from './csv';
import { type Charge, queryCharges } from './queryCharges';
import { splitCost } from './splitCost';
import { TOKEN_KINDS } from './tokenKinds';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What is exported; moments are ms since the epoch, half-open. */
export interface FocusRequest extends CallFilter {
  from: number;
  to: number;
  granularity: 'day' | 'hour';
}

/**
 * The ledger as lines of a FOCUS 1.2 file, the header first. Never more than a
 * page of sums is in memory, however long the time is.
 */
export async function* focusLines(
  options: {
    ledger: DatabaseCallLedger;
    account: FocusAccount;
    /** The price of a model now, by gateway id. */
    priceOf: (model: string) => Price | undefined;
    /** Whether lines tell which key of a program called. */
    withKeys: boolean;
    /** Whether lines tell whom calls were made for. */
    withUsers: boolean;
  },
  request: FocusRequest,
): AsyncGenerator<string> {
  const { ledger, account, priceOf, withKeys, withUsers } = options;
  const { granularity, from, to, ...filter } = request;
  const length = granularity === 'hour' ? HOUR_MS : DAY_MS;
  yield csvLine(FOCUS_COLUMNS.map(column => column.name));
  for (
    let start = Math.floor(from / length) * length;
    start < to;
    start += length
  ) {
    const slot = { start, end: start + length };
    const charges = queryCharges(
      ledger,
      {
        ...filter,
        from: Math.max(from, slot.start),
        to: Math.min(to, slot.end),
      },
      { withKeys, withUsers },
    );
    for await (const charge of charges) {
      for (const row of rowsOf(charge, slot, priceOf(charge.model))) {
        yield csvLine(FOCUS_COLUMNS.map(column => column.of(row, account)));
      }
    }
  }
}

/**
 * One row per kind of token. The ledger knows what a call cost as a whole, so the
 * sum is split as the prices of the model weigh its tokens; the parts add up to
 * it to the nano-USD.
 */
function rowsOf(
  charge: Charge,
  slot: { start: number; end: number },
  price: Price | undefined,
): FocusRow[] {
  const { calls, costNanoUsd, tokens, unreconciled, ...key } = charge;
  const row = { ...slot, key };
  const kinds = TOKEN_KINDS.flatMap((kind, index) =>
    tokens[index] > 0n ? [{ ...kind, quantity: tokens[index] }] : [],
  );
  if (kinds.length === 0 || unreconciled) {
    // What was held for a call stands in for what it cost: there are no tokens.
    return costNanoUsd > 0n
      ? [
          {
            ...row,
            costNanoUsd,
            ...(unreconciled
              ? {
                  kind: 'unreconciled',
                  words: 'Calls whose end was not seen, at their estimate,',
                }
              : { kind: 'units', words: 'Calls that are not paid by tokens' }),
            unit: 'Requests',
            quantity: BigInt(calls),
          },
        ]
      : [];
  }
  const costs = splitCost(
    costNanoUsd,
    kinds.map(({ quantity, rate }) =>
      price ? quantity * BigInt(rate(price).nanoUsdPerMillion) : quantity,
    ),
  );
  return kinds.map((kind, index) => ({
    ...row,
    costNanoUsd: costs[index],
    kind: kind.id,
    words: kind.words,
    unit: 'Tokens',
    quantity: kind.quantity,
  }));
}
