import type { components, operations } from './generated/openapi';

/**
 * Requests and answers of each operation of the traces API, by its id.
 *
 * @public
 */
export type TracesOperations = operations;

/**
 * What a span is of.
 *
 * @public
 */
export type SpanKind = components['schemas']['SpanKind'];

/**
 * What is known of a whole trace.
 *
 * @public
 */
export type Trace = components['schemas']['Trace'];

/**
 * A page of traces.
 *
 * @public
 */
export type TraceList = components['schemas']['TraceList'];

/**
 * A span at its place in the tree of its trace.
 *
 * @public
 */
export type Span = components['schemas']['Span'];

/**
 * A page of the tree of a trace.
 *
 * @public
 */
export type SpanList = components['schemas']['SpanList'];

/**
 * What is kept of a span beside its place.
 *
 * @public
 */
export type SpanDetails = components['schemas']['SpanDetails'];

/**
 * A page of conversations.
 *
 * @public
 */
export type SessionList = components['schemas']['SessionList'];

/**
 * Figures of an interval or of all; times in milliseconds, money in nano-USD.
 *
 * @public
 */
export type Figures = components['schemas']['Figures'];

/**
 * Figures over time, by group.
 *
 * @public
 */
export type SeriesList = components['schemas']['SeriesList'];

/**
 * Which agents or operations slow calls are of; times in milliseconds.
 *
 * @public
 */
export type Tail = components['schemas']['Tail'];

/**
 * What slow calls are told apart by.
 *
 * @public
 */
export type TailBy = components['schemas']['TailBy'];

/**
 * How many traces were of a person that was erased.
 *
 * @public
 */
export type ErasedTraces = components['schemas']['ErasedTraces'];

type QueryOf<Id extends keyof operations> = NonNullable<
  operations[Id]['parameters']['query']
>;

/**
 * Filters and page of a list of traces.
 *
 * @public
 */
export type TracesQuery = QueryOf<'listTraces'>;

/**
 * Which part of the tree of a trace.
 *
 * @public
 */
export type SpansQuery = QueryOf<'listSpans'>;

/**
 * Filters and page of a list of sessions.
 *
 * @public
 */
export type SessionsQuery = QueryOf<'listSessions'>;

/**
 * Which figures.
 *
 * @public
 */
export type SeriesQuery = QueryOf<'getSeries'>;

/**
 * Of which calls the slow ones.
 *
 * @public
 */
export type TailQuery = QueryOf<'getTail'>;
