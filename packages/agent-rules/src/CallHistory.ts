import { type CedarValue } from './ArgumentShape';
import { unitsToDecimal } from './decimal';
import type { HistoryNeeds } from './Rule';

/**
 * How often, or how much: in this run, in this conversation, and by this agent in the
 * last hour, whatever it worked on.
 *
 * @public
 */
export interface Windows {
  run: number;
  session: number;
  hour: number;
}

/**
 * The past of a call, with the call itself counted: "at most three an hour" refuses
 * what would be the fourth.
 *
 * @public
 */
export interface CallHistory {
  /** Calls that reached the tool, however they ended, by full ref of the tool. */
  calls: Map<string, Windows>;
  /** Calls that ended well; never the call itself. */
  succeeded: Map<string, Windows>;
  /** Sums in ten-thousandths, by {@link sumKey}. */
  sums: Map<string, Windows>;
}

/**
 * What a sum is found by.
 *
 * @public
 */
export function sumKey(toolRef: string, path: string): string {
  return `${toolRef} ${path}`;
}

const NONE: Windows = { run: 0, session: 0, hour: 0 };

/** `context.session` of what rules need. */
export function sessionContext(
  needs: HistoryNeeds,
  history: CallHistory | undefined,
): Record<string, CedarValue> {
  const counts = (of: Map<string, Windows> | undefined) =>
    Object.fromEntries(
      needs.calls.map(ref => [ref, { ...(of?.get(ref) ?? NONE) }]),
    );
  const sums: Record<string, Record<string, CedarValue>> = {};
  for (const { toolRef, path } of needs.sums) {
    const { run, session, hour } =
      history?.sums.get(sumKey(toolRef, path)) ?? NONE;
    sums[toolRef] ??= {};
    sums[toolRef][path] = {
      run: decimal(run),
      session: decimal(session),
      hour: decimal(hour),
    };
  }
  return {
    calls: counts(history?.calls),
    succeeded: counts(history?.succeeded),
    sums,
  };
}

function decimal(units: number): CedarValue {
  return { __extn: { fn: 'decimal', arg: unitsToDecimal(units) } };
}
