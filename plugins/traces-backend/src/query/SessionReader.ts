import { decodeCursor, encodeCursor } from '@agentportal/plugin-agents-node';
import type { SessionList } from '@agentportal/plugin-traces-common';
import type { Knex } from 'knex';
import { z } from 'zod/v4';
import type { Readable } from '../permissions/TraceAccess';
import type { TraceNames } from '../store/TraceNames';
import { scopesOf } from './scopes';
import { isoOf, type Period } from './TraceReader';

/** Of the sessions of a page together; what is beyond is not in their sums. */
const MAX_TRACES_OF_SESSIONS = 20_000;
const sessionCursorSchema = z.tuple([
  z.number().int(),
  z.string().max(200),
  z.number().int(),
]);

interface SessionRow {
  session_id: string;
  agent: number;
  user_ref: string | null;
  last_us: number | string;
}

/** Reads conversations. */
export class SessionReader {
  readonly #knex: Knex;
  readonly #names: TraceNames;

  constructor(options: { knex: Knex; names: TraceNames }) {
    this.#knex = options.knex;
    this.#names = options.names;
  }

  /** A page of sessions, the last used first. */
  async list(
    filter: Period & { agentRef?: string },
    page: { limit: number; cursor?: string },
    readable: Readable,
  ): Promise<SessionList> {
    const position = decodeCursor(page.cursor, sessionCursorSchema);
    const agent =
      filter.agentRef && (await this.#names.idOf('agent', filter.agentRef));
    if (filter.agentRef && !agent) {
      return { items: [] };
    }
    const rows = new Map<string, SessionRow>();
    for (const scope of await scopesOf(readable, this.#names)) {
      const select = this.#knex<SessionRow>('trace_sessions')
        .whereBetween('last_us', [
          filter.fromUs,
          Math.min(filter.toUs, position?.[0] ?? Infinity),
        ])
        .modify(of => agent && void of.andWhere('agent', agent))
        .orderBy([
          { column: 'last_us', order: 'desc' },
          { column: 'session_id', order: 'desc' },
          { column: 'agent', order: 'desc' },
        ])
        .limit(page.limit + 1);
      if (position) {
        const [lastUs, session, number] = position;
        select.andWhere(where =>
          where
            .where('last_us', '<', lastUs)
            .orWhere('session_id', '<', session)
            .orWhere(tie =>
              tie.where('session_id', session).andWhere('agent', '<', number),
            ),
        );
      }
      for (const row of await scope(select)) {
        rows.set(`${row.agent} ${row.session_id}`, row);
      }
    }
    const sorted = [...rows.values()].sort(
      (a, b) =>
        Number(b.last_us) - Number(a.last_us) ||
        compare(b.session_id, a.session_id) ||
        b.agent - a.agent,
    );
    const items = sorted.slice(0, page.limit);
    const last = items.at(-1);
    return {
      items: await this.#toSessions(items, readable),
      ...(sorted.length > page.limit && {
        nextCursor: encodeCursor([
          Number(last!.last_us),
          last!.session_id,
          last!.agent,
        ]),
      }),
    };
  }

  async #toSessions(
    rows: SessionRow[],
    readable: Readable,
  ): Promise<SessionList['items']> {
    const sums = new Map<string, any>();
    for (const scope of await scopesOf(readable, this.#names)) {
      // A trace may be in two scopes: somebody's own, of an agent that the group owns.
      const found = await scope(
        this.#knex('traces')
          .whereIn('session_id', [
            ...new Set(rows.map(({ session_id }) => session_id)),
          ])
          .select(
            'id',
            'session_id',
            'agent',
            'started_us',
            'failed',
            'input_tokens',
            'output_tokens',
            'cache_read_tokens',
            'cost_nano_usd',
          )
          .limit(MAX_TRACES_OF_SESSIONS),
      );
      found.forEach((row: any) => sums.set(String(row.id), row));
    }
    const bySession = Map.groupBy(
      sums.values(),
      row => `${row.agent ?? 0} ${row.session_id}`,
    );
    const names = await this.#names.namesOf(rows.map(({ agent }) => agent));
    return rows.map(row => {
      const traces = bySession.get(`${row.agent} ${row.session_id}`) ?? [];
      const sum = (column: string) =>
        traces.reduce((total, trace) => total + Number(trace[column]), 0);
      return {
        sessionId: row.session_id,
        ...(row.agent !== 0 && { agentRef: names.get(row.agent) }),
        ...(row.user_ref !== null && { userRef: row.user_ref }),
        startedAt: isoOf(
          traces.reduce(
            (first, { started_us }) => Math.min(first, Number(started_us)),
            Number(row.last_us),
          ),
        ),
        lastAt: isoOf(row.last_us),
        traces: traces.length,
        errors: sum('failed'),
        costNanoUsd: sum('cost_nano_usd'),
        tokens: {
          inputTokens: sum('input_tokens'),
          outputTokens: sum('output_tokens'),
          cacheReadTokens: sum('cache_read_tokens'),
        },
      };
    });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
