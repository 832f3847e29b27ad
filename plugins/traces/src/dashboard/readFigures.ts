import type {
  Figures,
  SeriesList,
  SeriesQuery,
} from '@agentportal/plugin-traces-common';
import type { TracesApi } from '../api/tracesApiRef';

/** More bars could not be told apart. */
export const MOST_POINTS = 31;

const NOTHING: Figures = {
  count: 0,
  errors: 0,
  costNanoUsd: 0,
  tokens: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0 },
};

/** Figures of one interval. */
export type Point = Figures & {
  /** Milliseconds UTC. */
  at: number;
};

/** What was read of a period. */
export interface FiguresOfTime {
  /** Nothing when nothing happened in the time. */
  total?: Figures;
  /** One for each interval of the time, also for those in which nothing happened. */
  points: Point[];
  /** Milliseconds. */
  step: number;
}

/** Traces are counted by their roots, and what they cost by the calls of models in them. */
export async function readFigures(
  api: TracesApi,
  query: SeriesQuery,
  signal: AbortSignal,
): Promise<FiguresOfTime> {
  const asked = { ...query, points: MOST_POINTS };
  const [calls, models] = await Promise.all([
    api.getSeries(asked, { signal }),
    query.kind === 'trace'
      ? api.getSeries({ ...asked, kind: 'model' }, { signal })
      : undefined,
  ]);
  const merged = (of?: Figures, cost?: Figures) =>
    withCost(of, models && (cost ?? NOTHING));
  const byTime = (series?: SeriesList) =>
    new Map(
      series?.items[0]?.points.map(point => [Date.parse(point.at), point]),
    );
  const [callsAt, modelsAt] = [byTime(calls), byTime(models)];
  const points = timesOf(calls).map(at => ({
    ...merged(callsAt.get(at), modelsAt.get(at)),
    at,
  }));
  const total = calls.items[0]?.total;
  return {
    points,
    step: calls.intervalSeconds * 1_000,
    ...(total && { total: merged(total, models?.items[0]?.total) }),
  };
}

/** Begins of all intervals of a period, in milliseconds UTC. */
export function timesOf({ from, intervalSeconds, to }: SeriesList): number[] {
  const step = intervalSeconds * 1_000;
  const first = Math.floor(Date.parse(from) / step) * step;
  const times = [];
  for (let at = first; at < Date.parse(to); at += step) {
    times.push(at);
  }
  return times;
}

/** Figures with the money and tokens of others, where these are given. */
export function withCost(of?: Figures, cost?: Figures): Figures {
  return {
    ...NOTHING,
    ...of,
    ...(cost && { costNanoUsd: cost.costNanoUsd, tokens: cost.tokens }),
  };
}

export const tokensOf = ({ tokens }: Figures) =>
  tokens.inputTokens + tokens.outputTokens;
