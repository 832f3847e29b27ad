import type { PluginAsker } from '@agentportal/plugin-agents-node';
import type { Alarm } from '@agentportal/plugin-evals-common';
import type {
  OrchestrationClient,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import {
  type AlarmStore,
  keyOf,
  type NewAlarm,
  type Watched,
} from './AlarmStore';
import { describeRise } from './describeRise';
import type { MuteStore } from './MuteStore';
import { kindsOf, observe, watchAgain, type WatchTerms } from './series';
import type { EndedRun } from './watchedRun';

const PAGE = 100;
/** By then a run that ended is written down, also one that ended before another. */
const SETTLED_MS = 60_000;
const WEEK_MS = 7 * 86_400_000;
const MAX_TOLD = 50;

interface AlarmWatchOptions {
  askOrchestration: PluginAsker;
  mutes: Pick<MuteStore, 'of'>;
  runs: Pick<OrchestrationClient, 'listRuns'>;
  store: AlarmStore;
  /** @returns whether the owner could be told */
  tellOwner: (alarm: Alarm) => Promise<boolean>;
  /** What is watched at the moment, and how often it may be wrong. */
  terms: () => Promise<WatchTerms>;
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
    const terms = await this.#o.terms();
    while (!signal?.aborted) {
      const { runs, until } = await this.#page(position, now - SETTLED_MS);
      if (until === undefined) {
        break;
      }
      const { watched, alarms } = await this.#takeIn(runs, terms, now);
      const after = { before: position, after: until };
      if (!(await store.take(watched, alarms, after, now))) {
        return;
      }
      position = until;
    }
    for (const alarm of await store.openBefore(now - WEEK_MS, MAX_TOLD)) {
      await store.answer(alarm, { status: 'unanswered' }, now);
    }
    // Those of agents that have no owner any more keep nobody else from hearing of theirs.
    for (const alarm of await store.untold(now - WEEK_MS, MAX_TOLD)) {
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

  async #takeIn(
    runs: Array<RunSummary & EndedRun>,
    terms: WatchTerms,
    now: number,
  ) {
    const { mutes, store } = this.#o;
    const agentRefs = [...new Set(runs.map(({ agentRef }) => agentRef))];
    const open = await store.open(agentRefs);
    const muted = new Set((await mutes.of(agentRefs, now)).map(keyOf));
    const known = new Map<string, Watched>();
    for (const each of await store.watched(agentRefs)) {
      known.set(keyOf(each), each);
    }
    // Only these are written: an answer that comes meanwhile changes the others.
    const watched = new Map<string, Watched>();
    const alarms: NewAlarm[] = [];
    for (const run of runs) {
      const { agentRef } = run;
      for (const kind of kindsOf(terms)) {
        const key = keyOf({ agentRef, kind });
        if (open.has(key)) {
          continue;
        }
        const before = watched.get(key) ?? known.get(key);
        const { series, rise } = observe(before?.series, kind, run, terms);
        const version = before?.version ?? 0;
        const isMuted = muted.has(key);
        watched.set(key, {
          ...{ agentRef, kind, version },
          series:
            rise && isMuted
              ? watchAgain(kind, series, Date.parse(run.finishedAt))
              : series,
        });
        if (rise && !isMuted) {
          const sentence = describeRise(kind, rise);
          alarms.push({ ...rise, agentRef, kind, sentence });
          open.add(key);
        }
      }
    }
    return { alarms, watched: [...watched.values()] };
  }
}

function hasEnded(run: RunSummary): run is RunSummary & EndedRun {
  return run.finishedAt !== undefined;
}
