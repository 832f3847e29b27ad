import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type { Alarm } from '@agentportal/plugin-evals-common';
import type {
  OrchestrationClient,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import type { AlarmStore, NewAlarm, Watched } from './AlarmStore';
import { describeRise } from './describeRise';
import { type EndedRun, KINDS, newSeries, observe } from './series';

const PAGE = 100;
/** By then a run that ended is written down, also one that ended before another. */
const SETTLED_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;
const MAX_TOLD = 50;

interface AlarmWatchOptions {
  askOrchestration: PluginAsker;
  /** Days in which an agent without any change may have one alarm. */
  falseAlarmDays: number;
  runs: Pick<OrchestrationClient, 'listRuns'>;
  store: AlarmStore;
  /** @returns whether the owner could be told */
  tellOwner: (alarm: Alarm) => Promise<boolean>;
}

/**
 * Takes in runs in the order in which they ended, each once, and raises an alarm when something of an agent has
 * become worse than is usual for it. One replica at a time does it, and of two one writes.
 */
export class AlarmWatch {
  readonly #o: AlarmWatchOptions;

  constructor(options: AlarmWatchOptions) {
    this.#o = options;
  }

  async look(signal?: AbortSignal, now = Date.now()): Promise<void> {
    const { store } = this.#o;
    let position = await store.position(now);
    while (!signal?.aborted) {
      const { runs, until } = await this.#page(position, now - SETTLED_MS);
      if (until === undefined) {
        break;
      }
      const { watched, alarms } = await this.#takeIn(runs);
      const after = { before: position, after: until };
      if (!(await store.take(watched, alarms, after, now))) {
        return;
      }
      position = until;
    }
    for (const alarm of await store.openBefore(now - WEEK_MS, MAX_TOLD)) {
      await store.answer(alarm, { status: 'unanswered' }, now);
    }
    for (const alarm of await store.untold(MAX_TOLD)) {
      if (await this.#o.tellOwner(alarm)) {
        await store.setTold(alarm.id);
      }
    }
  }

  /** Runs that ended from a time on, and the time up to which all are among them. */
  async #page(
    from: number,
    settled: number,
  ): Promise<{ runs: Array<RunSummary & EndedRun>; until?: number }> {
    const { askOrchestration, runs } = this.#o;
    const query = {
      finishedSince: new Date(from).toISOString(),
      // Whoever stops a run says nothing about how it goes.
      status: ['succeeded' as const, 'failed' as const],
      limit: PAGE,
    };
    const { items, nextCursor } = await askOrchestration(by =>
      runs.listRuns(query, by),
    );
    const ended = items.filter(hasEnded);
    const last = ended.at(-1);
    if (!last) {
      return { runs: [] };
    }
    // Where there are more, others may have ended in the same millisecond as the last one.
    const lastAt = Date.parse(last.finishedAt);
    const isOneMoment = Date.parse(ended[0].finishedAt) === lastAt;
    const until = Math.min(
      settled,
      nextCursor && !isOneMoment ? lastAt : lastAt + 1,
    );
    return until > from
      ? {
          runs: ended.filter(run => Date.parse(run.finishedAt) < until),
          until,
        }
      : { runs: [] };
  }

  async #takeIn(runs: Array<RunSummary & EndedRun>) {
    const { falseAlarmDays, store } = this.#o;
    const agentRefs = [...new Set(runs.map(({ agentRef }) => agentRef))];
    const open = await store.open(agentRefs);
    const known = new Map<string, Watched>();
    for (const each of await store.watched(agentRefs)) {
      known.set(keyOf(each), each);
    }
    // Only these are written: an answer that comes meanwhile changes the others.
    const watched = new Map<string, Watched>();
    const alarms: NewAlarm[] = [];
    for (const run of runs) {
      const { agentRef } = run;
      for (const kind of KINDS) {
        const key = keyOf({ agentRef, kind });
        if (!open.has(key)) {
          const { series, rise } = observe(
            (watched.get(key) ?? known.get(key))?.series ??
              newSeries(Date.parse(run.finishedAt)),
            kind,
            run,
            falseAlarmDays,
          );
          watched.set(key, { agentRef, kind, series });
          if (rise) {
            const sentence = describeRise(kind, rise);
            alarms.push({ ...rise, agentRef, kind, sentence });
            open.add(key);
          }
        }
      }
    }
    return { alarms, watched: [...watched.values()] };
  }
}

function keyOf({ agentRef, kind }: Pick<Watched, 'agentRef' | 'kind'>): string {
  return `${agentRef} ${kind}`;
}

function hasEnded(run: RunSummary): run is RunSummary & EndedRun {
  return run.finishedAt !== undefined;
}
