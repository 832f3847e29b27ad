import type {
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
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { InputError, NotFoundError } from '@backstage/errors';
import { isReadable, type TraceAccess } from '../permissions/TraceAccess';
import type { AgentsWithin } from '../query/AgentsWithin';
import type { SeriesReader } from '../query/SeriesReader';
import type { SpanReader } from '../query/SpanReader';
import type { TailReader } from '../query/TailReader';
import type { Period, TraceReader } from '../query/TraceReader';

const DEFAULT_PERIOD_MS = 7 * 86_400_000;
const DEFAULTS = { list: 25, spans: 1_000, series: 10, points: 500 };

/** What people and programs ask about traces, each within what they may read. */
export class TracesService {
  readonly #access: TraceAccess;
  readonly #traces: TraceReader;
  readonly #spans: SpanReader;
  readonly #series: SeriesReader;
  readonly #tail: TailReader;
  readonly #within: AgentsWithin;

  constructor(options: {
    access: TraceAccess;
    traces: TraceReader;
    spans: SpanReader;
    series: SeriesReader;
    tail: TailReader;
    within: AgentsWithin;
  }) {
    this.#access = options.access;
    this.#traces = options.traces;
    this.#spans = options.spans;
    this.#series = options.series;
    this.#tail = options.tail;
    this.#within = options.within;
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
    return (await this.#find(credentials, traceId)).trace;
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
    return this.#traces.sessions(
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
