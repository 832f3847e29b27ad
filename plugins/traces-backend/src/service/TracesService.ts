import type {
  ErasedTraces,
  SeriesList,
  SeriesQuery,
  SessionList,
  SessionsQuery,
  SpanDetails,
  SpanList,
  SpansQuery,
  Tail,
  TailQuery,
  Trace,
  TraceList,
  TracesQuery,
} from '@agentportal/plugin-traces-common';
import {
  type AgentsWithin,
  audited,
  principalNameOf,
} from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import { isReadable, type TraceAccess } from '../permissions/TraceAccess';
import type { SeriesReader } from '../query/SeriesReader';
import type { SessionReader } from '../query/SessionReader';
import type { SpanReader } from '../query/SpanReader';
import type { TailReader } from '../query/TailReader';
import type { Period, TraceReader } from '../query/TraceReader';
import type { TraceErasure } from '../store/TraceErasure';
import type { TraceFlags } from '../store/TraceFlags';

const DEFAULT_PERIOD_MS = 7 * 86_400_000;
const DEFAULTS = { list: 25, spans: 1_000, series: 10, points: 500 };

/** What people and programs ask about traces, each within what they may read. */
export class TracesService {
  readonly #access: TraceAccess;
  readonly #traces: TraceReader;
  readonly #sessions: SessionReader;
  readonly #spans: SpanReader;
  readonly #series: SeriesReader;
  readonly #tail: TailReader;
  readonly #within: AgentsWithin;
  readonly #flags: TraceFlags;
  readonly #erasure: TraceErasure;
  readonly #auditor: AuditorService;

  constructor(options: {
    access: TraceAccess;
    traces: TraceReader;
    sessions: SessionReader;
    spans: SpanReader;
    series: SeriesReader;
    tail: TailReader;
    within: AgentsWithin;
    flags: TraceFlags;
    erasure: TraceErasure;
    auditor: AuditorService;
  }) {
    this.#access = options.access;
    this.#traces = options.traces;
    this.#sessions = options.sessions;
    this.#spans = options.spans;
    this.#series = options.series;
    this.#tail = options.tail;
    this.#within = options.within;
    this.#flags = options.flags;
    this.#erasure = options.erasure;
    this.#auditor = options.auditor;
  }

  async listTraces(
    credentials: BackstageCredentials,
    query: TracesQuery = {},
  ): Promise<TraceList> {
    const {
      limit = DEFAULTS.list,
      cursor,
      from,
      to,
      withinRef,
      ...filter
    } = query;
    const readable = await this.#access.readable(credentials);
    return this.#traces.list(
      {
        ...filter,
        ...lowerCase(filter),
        ...periodOf({ from, to }),
        within: await this.#withinOf(credentials, withinRef),
      },
      { limit, cursor },
      readable,
    );
  }

  /** @throws NotFoundError when there is none that the caller may read */
  async getTrace(
    credentials: BackstageCredentials,
    traceId: string,
  ): Promise<Trace> {
    const { trace } = await this.#find(credentials, traceId);
    return {
      ...trace,
      mayFlag: await this.#access.mayFlag(credentials, trace),
    };
  }

  /**
   * Flags a trace, in place of the flag that it has; without a reason the flag is taken away.
   *
   * @throws NotFoundError when there is none that the caller may read
   * @throws NotAllowedError when the caller may not flag it
   */
  async flagTrace(
    credentials: BackstageCredentials,
    traceId: string,
    reason?: string,
  ): Promise<Trace> {
    const { id, trace } = await this.#find(credentials, traceId);
    if (!(await this.#access.mayFlag(credentials, trace))) {
      throw new NotAllowedError(
        'You may read this trace and not flag it. Its agent’s owner, and who asked the agent, may.',
      );
    }
    await this.#flags.set(
      id,
      reason === undefined
        ? undefined
        : {
            reason,
            by: principalNameOf(credentials) ?? 'unknown',
            atMs: Date.now(),
          },
    );
    // Who may flag it does not hang on its flag, and is not asked a second time.
    return { ...(await this.#find(credentials, traceId)).trace, mayFlag: true };
  }

  /**
   * Erases a person from traces, for good.
   *
   * @throws NotAllowedError unless it is the caller, or the caller may erase people
   */
  async erasePerson(
    credentials: BackstageCredentials,
    userRef: string,
  ): Promise<ErasedTraces> {
    return audited(
      this.#auditor,
      // Nobody is to be named in what is written about their erasure.
      {
        eventId: 'trace-erase',
        severityLevel: 'medium',
        meta: {},
        by: { credentials },
      },
      async () => {
        const person = await this.#access.personToErase(credentials, userRef);
        return { traces: await this.#erasure.erase(person) };
      },
      result => ({ ...result }),
    );
  }

  async listSpans(
    credentials: BackstageCredentials,
    traceId: string,
    query: SpansQuery = {},
  ): Promise<SpanList> {
    const trace = await this.#find(credentials, traceId);
    return this.#spans.list(trace, {
      ...query,
      limit: query.limit ?? DEFAULTS.spans,
    });
  }

  async getSpan(
    credentials: BackstageCredentials,
    traceId: string,
    spanId: string,
  ): Promise<SpanDetails> {
    const trace = await this.#find(credentials, traceId);
    const span = await this.#spans.get(trace, spanId);
    if (!span) {
      throw new NotFoundError(
        trace.trace.keeps === 'summary'
          ? 'The spans of this trace were deleted, because it is old.'
          : `The trace has no span ${spanId}.`,
      );
    }
    return span;
  }

  async listSessions(
    credentials: BackstageCredentials,
    query: SessionsQuery = {},
  ): Promise<SessionList> {
    const { limit = DEFAULTS.list, cursor } = query;
    return this.#sessions.list(
      { ...lowerCase(query), ...periodOf(query) },
      { limit, cursor },
      await this.#access.readable(credentials),
    );
  }

  async getSeries(
    credentials: BackstageCredentials,
    query: SeriesQuery = {},
  ): Promise<SeriesList> {
    const {
      limit = DEFAULTS.series,
      points = DEFAULTS.points,
      kind = 'trace',
      cursor,
      groupBy,
    } = query;
    const readable = await this.#access.readable(credentials);
    return this.#series.read(
      { ...(await this.#figuresOf(credentials, query)), kind, groupBy, points },
      { limit, cursor },
      readable,
    );
  }

  async getTail(
    credentials: BackstageCredentials,
    query: TailQuery = {},
  ): Promise<Tail> {
    const { by = 'operation', limit = DEFAULTS.series } = query;
    const readable = await this.#access.readable(credentials);
    return this.#tail.read(
      await this.#figuresOf(credentials, query),
      { by, limit },
      readable,
    );
  }

  async #figuresOf(
    credentials: BackstageCredentials,
    query: Omit<TailQuery, 'by' | 'limit'>,
  ) {
    const { agentRef, ownerRef } = lowerCase(query);
    return {
      ...periodOf(query),
      agent: agentRef,
      owner: ownerRef,
      model: query.model,
      tool: query.tool,
      within: await this.#withinOf(credentials, query.withinRef),
    };
  }

  async #withinOf(credentials: BackstageCredentials, entityRef?: string) {
    return entityRef === undefined
      ? undefined
      : this.#within.of(entityRef, credentials);
  }

  async #find(credentials: BackstageCredentials, traceId: string) {
    const readable = await this.#access.readable(credentials);
    const [found] = await this.#traces.find([traceId]);
    if (!found || !isReadable(readable, found.trace)) {
      throw new NotFoundError(
        `There is no trace ${traceId} that you may read. List the traces to see which there are.`,
      );
    }
    return found;
  }
}

/** @throws InputError when it ends before it begins */
function periodOf({ from, to }: { from?: string; to?: string }): Period {
  const until = to ? Date.parse(to) : Date.now();
  const since = from ? Date.parse(from) : until - DEFAULT_PERIOD_MS;
  if (since > until) {
    throw new InputError('The period ends before it begins.');
  }
  return { fromUs: since * 1_000, toUs: until * 1_000 };
}

/** Entity refs, as the store has them. */
function lowerCase(query: {
  agentRef?: string;
  ownerRef?: string;
  userRef?: string;
}) {
  const { agentRef, ownerRef, userRef } = query;
  return {
    ...(agentRef && { agentRef: agentRef.toLowerCase() }),
    ...(ownerRef && { ownerRef: ownerRef.toLowerCase() }),
    ...(userRef && { userRef: userRef.toLowerCase() }),
  };
}
