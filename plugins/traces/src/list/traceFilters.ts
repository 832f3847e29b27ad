import type {
  SeriesQuery,
  TracesQuery,
} from '@agentportal/plugin-traces-common';
import { momentText } from '../dashboard/moments';

/** State of a list of traces that its URL holds. */
export const TRACES_STATE = {
  view: '',
  q: '',
  time: '7d',
  from: '',
  to: '',
  within: '',
  agent: '',
  owner: '',
  status: '',
  model: '',
  tool: '',
  longer: '',
  dearer: '',
  session: '',
  flagged: '',
  live: '',
} as const;

/** The filters of a list. */
export type TraceFilters = { [K in keyof typeof TRACES_STATE]: string };

const HOUR_MS = 3_600_000;
/** As the backend takes it. */
const LONGEST_SEARCH = 200;

/** How far back a list goes. */
export const TIMES = [
  { id: '1h', label: 'Last hour', ms: HOUR_MS },
  { id: '24h', label: 'Last 24 hours', ms: 24 * HOUR_MS },
  { id: '7d', label: 'Last 7 days', ms: 7 * 24 * HOUR_MS },
  { id: '30d', label: 'Last 30 days', ms: 30 * 24 * HOUR_MS },
  { id: '90d', label: 'Last 90 days', ms: 90 * 24 * HOUR_MS },
] as const;

export const STATUSES = [
  { id: 'ok', label: 'OK' },
  { id: 'error', label: 'Error' },
] as const;

export const FLAGGED = [{ id: 'yes', label: 'Flagged' }] as const;

/** In milliseconds. */
export const DURATIONS = [
  { id: '1000', label: 'Longer than 1 s' },
  { id: '10000', label: 'Longer than 10 s' },
  { id: '60000', label: 'Longer than 1 min' },
] as const;

/** In nano-USD. */
export const COSTS = [
  { id: '1000000', label: 'More than $0.001' },
  { id: '10000000', label: 'More than $0.01' },
  { id: '100000000', label: 'More than $0.10' },
  { id: '1000000000', label: 'More than $1' },
] as const;

/** The time that a filter names; the usual one for what is none. */
function timeOf(filters: TraceFilters) {
  return TIMES.find(({ id }) => id === filters.time) ?? TIMES[2];
}

/** The interval that somebody chose in a chart, in milliseconds UTC. */
function chosenInterval({ from, to }: TraceFilters) {
  const interval = { from: Date.parse(from), to: Date.parse(to) };
  return interval.from < interval.to ? interval : undefined;
}

function periodOf(filters: TraceFilters, now: number) {
  return chosenInterval(filters) ?? { from: now - timeOf(filters).ms, to: now };
}

/** What the time of a list is called. */
export function periodWords(filters: TraceFilters): string {
  const chosen = chosenInterval(filters);
  return chosen
    ? `${momentText(chosen.from)} to ${momentText(chosen.to)} UTC`
    : timeOf(filters).label.toLocaleLowerCase('en-US');
}

/** Whether an interval of a chart was chosen instead of a time that goes on. */
export function isInterval(filters: TraceFilters): boolean {
  return chosenInterval(filters) !== undefined;
}

function countOf(text: string): number | undefined {
  const count = Number(text);
  return Number.isSafeInteger(count) && count > 0 ? count : undefined;
}

/** What is there of it; the backend refuses what is empty. */
function given<T extends object>(values: T): T {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value),
  ) as T;
}

/** The filters as the list takes them; words that are none of the choices are dropped. */
export function toTracesQuery(filters: TraceFilters, now: number): TracesQuery {
  const { from, to } = periodOf(filters, now);
  return given({
    withinRef: filters.within,
    q: filters.q.trim().slice(0, LONGEST_SEARCH),
    agentRef: filters.agent,
    ownerRef: filters.owner,
    status: STATUSES.find(({ id }) => id === filters.status)?.id,
    model: filters.model,
    tool: filters.tool,
    sessionId: filters.session,
    flagged: filters.flagged !== '',
    minDurationMs: countOf(filters.longer),
    minCostNanoUsd: countOf(filters.dearer),
    from: new Date(from).toISOString(),
    ...(isInterval(filters) && { to: new Date(to).toISOString() }),
  });
}

/**
 * The figures of the same time and agents. They are added up by agent, owner, model and tool, so no other
 * filter counts, and of a model or a tool they are those of its calls.
 *
 * @param periods - how many periods back: 1 is the one before
 */
export function toSeriesQuery(
  filters: TraceFilters,
  now: number,
  periods = 0,
): SeriesQuery {
  const period = periodOf(filters, now);
  const ms = period.to - period.from;
  const to = period.to - periods * ms;
  return {
    ...given({
      withinRef: filters.within,
      agentRef: filters.agent,
      ownerRef: filters.owner,
      model: filters.model,
      tool: filters.tool,
    }),
    kind: kindOf(filters),
    from: new Date(to - ms).toISOString(),
    to: new Date(to).toISOString(),
  };
}

function kindOf({ model, tool }: TraceFilters): SeriesQuery['kind'] {
  if (model) {
    return 'model';
  }
  return tool ? 'tool' : 'trace';
}
