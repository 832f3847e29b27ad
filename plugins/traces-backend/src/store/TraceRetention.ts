import type { Knex } from 'knex';
import type { TracesConfig } from '../config';
import { KEPT, kindNumber } from './database';
import { DurationSketch } from './DurationSketch';
import { removeOldRollups } from './Rollups';
import type { TraceNames } from './TraceNames';

/** Traces of one transaction: nobody else writes on SQLite meanwhile. */
const CHUNK = 100;
const DAY_SECONDS = 86_400;
/** A trace that costs so many times what those of its agent cost on average is expensive. */
const EXPENSIVE = 4;

interface Candidate {
  id: number | string;
  trace_id: Buffer;
  agent: number | null;
  errors: number;
  failed: number;
  flagged_ms: number | string | null;
  started_us: number | string;
  ended_us: number | string;
  cost_nano_usd: number | string;
}

/** What is usual for an agent. */
interface Usual {
  p95Us: number;
  meanCost: number;
}

/**
 * Deletes what is old. The spans of a trace go after a while; those of notable ones (that
 * failed, took longer than 19 in 20 of their agent, cost much more, or were flagged) and of
 * a share of the others stay longer. What a trace summed up to stays, and figures longest.
 */
export class TraceRetention {
  readonly #knex: Knex;
  readonly #names: TraceNames;
  readonly #config: Pick<
    TracesConfig,
    'retention' | 'maxSpans' | 'sampledShare'
  >;

  constructor(options: {
    knex: Knex;
    names: TraceNames;
    config: Pick<TracesConfig, 'retention' | 'maxSpans' | 'sampledShare'>;
  }) {
    this.#knex = options.knex;
    this.#names = options.names;
    this.#config = options.config;
  }

  async clean(signal?: AbortSignal, now = Date.now()): Promise<void> {
    const { spans, notable, summaries } = this.#config.retention;
    const before = (ageMs: number) => (now - ageMs) * 1_000;
    await this.#decide(before(spans), now, signal);
    await this.#drop(KEPT.longer, before(notable), signal);
    await this.#dropBeyond(signal);
    await this.#forget(before(summaries), signal);
    // A day longer, because that is how finely their last use is noted.
    await this.#names.forget(now - summaries - DAY_SECONDS * 1_000);
    await removeOldRollups(this.#knex, now);
  }

  /** Keeps notable traces and a share of the others longer, and drops the spans of the rest. */
  async #decide(
    beforeUs: number,
    now: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const usual = new Map<number, Usual>();
    for (;;) {
      signal?.throwIfAborted();
      const candidates: Candidate[] = await this.#knex('traces')
        .where('kept', KEPT.undecided)
        .andWhere('started_us', '<', beforeUs)
        .orderBy('started_us')
        .limit(CHUNK)
        .select(
          'id',
          'trace_id',
          'agent',
          'errors',
          'failed',
          'flagged_ms',
          'started_us',
          'ended_us',
          'cost_nano_usd',
        );
      if (!candidates.length) {
        return;
      }
      const longer: Candidate[] = [];
      const dropped: Candidate[] = [];
      for (const trace of candidates) {
        const agent = trace.agent ?? 0;
        const norm = usual.get(agent) ?? (await this.#usual(agent, now));
        usual.set(agent, norm);
        (this.#isKept(trace, norm) ? longer : dropped).push(trace);
      }
      await this.#knex('traces')
        .whereIn(
          'id',
          longer.map(({ id }) => id),
        )
        .update({ kept: KEPT.longer });
      await dropSpans(
        this.#knex,
        dropped.map(({ id }) => id),
      );
    }
  }

  #isKept(trace: Candidate, usual: Usual): boolean {
    const durationUs = Number(trace.ended_us) - Number(trace.started_us);
    return (
      trace.errors > 0 ||
      trace.flagged_ms !== null ||
      durationUs > usual.p95Us ||
      Number(trace.cost_nano_usd) > usual.meanCost * EXPENSIVE ||
      // The same traces on every machine, whoever asks.
      trace.trace_id.readUInt32BE(12) < this.#config.sampledShare * 2 ** 32
    );
  }

  async #usual(agent: number, now: number): Promise<Usual> {
    const rows: Array<{
      kind: number;
      spans: number | string;
      cost_nano_usd: number | string;
      sketch: Buffer;
    }> = await this.#knex('trace_rollups')
      .where({ seconds: DAY_SECONDS, agent })
      .whereIn('kind', [kindNumber('trace'), kindNumber('model')])
      .andWhere('bucket', '>=', Math.floor(now / 1_000) - 30 * DAY_SECONDS)
      .select('kind', 'spans', 'cost_nano_usd', 'sketch');
    const durations = new DurationSketch();
    let cost = 0;
    for (const row of rows) {
      if (row.kind === kindNumber('trace')) {
        durations.merge(DurationSketch.decode(row.sketch));
      } else {
        cost += Number(row.cost_nano_usd);
      }
    }
    return {
      p95Us: durations.quantile(0.95) ?? Infinity,
      meanCost: durations.count ? cost / durations.count : Infinity,
    };
  }

  async #drop(
    kept: number,
    beforeUs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    let ids;
    do {
      signal?.throwIfAborted();
      ids = await this.#knex('traces')
        .where({ kept })
        .andWhere('started_us', '<', beforeUs)
        .orderBy('started_us')
        .limit(CHUNK)
        .pluck('id');
      await dropSpans(this.#knex, ids);
    } while (ids.length);
  }

  /** More than there is room for: the oldest go, those that are not notable first. */
  async #dropBeyond(signal?: AbortSignal): Promise<void> {
    const row = await this.#knex('traces')
      .whereIn('kept', [KEPT.undecided, KEPT.longer])
      .sum({ spans: 'spans' })
      .first();
    let beyond = Number(row?.spans ?? 0) - this.#config.maxSpans;
    for (const kept of [KEPT.undecided, KEPT.longer]) {
      while (beyond > 0) {
        signal?.throwIfAborted();
        const oldest: Array<{ id: number; spans: number }> = await this.#knex(
          'traces',
        )
          .where({ kept })
          .orderBy('started_us')
          .limit(CHUNK)
          .select('id', 'spans');
        if (!oldest.length) {
          break;
        }
        const dropped: number[] = [];
        for (const { id, spans } of oldest) {
          if (beyond > 0) {
            dropped.push(id);
            beyond -= spans;
          }
        }
        await dropSpans(this.#knex, dropped);
      }
    }
  }

  async #forget(beforeUs: number, signal?: AbortSignal): Promise<void> {
    let ids;
    do {
      signal?.throwIfAborted();
      ids = await this.#knex('traces')
        .where('started_us', '<', beforeUs)
        .limit(CHUNK)
        .pluck('id');
      if (ids.length) {
        const gone = ids;
        await dropSpans(this.#knex, gone);
        await this.#knex.transaction(async tx => {
          await tx('trace_uses').whereIn('trace', gone).delete();
          await tx('traces').whereIn('id', gone).delete();
        });
      }
    } while (ids.length);
    await this.#knex('trace_sessions').where('last_us', '<', beforeUs).delete();
  }
}

/** What was said goes with the spans in which it was said; what they summed up to stays. */
export async function dropSpans(
  knex: Knex,
  ids: Array<number | string>,
  changes: Record<string, null> = {},
): Promise<void> {
  if (!ids.length) {
    return;
  }
  await knex.transaction(async tx => {
    for (const table of ['spans', 'span_blocks', 'trace_words']) {
      await tx(table).whereIn('trace', ids).delete();
    }
    await tx('traces')
      .whereIn('id', ids)
      .update({ ...changes, kept: KEPT.summary, title: null, title_key: null });
  });
}
