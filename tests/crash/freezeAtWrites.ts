import { KnexCheckpointer } from '../../plugins/orchestration-backend/src/checkpoints/KnexCheckpointer';
import { JournalStore } from '../../plugins/orchestration-backend/src/store/JournalStore';
import { LeaseStore } from '../../plugins/orchestration-backend/src/store/LeaseStore';
import { readWritePoint, type Write } from './points';

/**
 * Stops a run for ever at one of its writes, where its question says so, and tells the
 * gateways; the process is killed then. So each boundary is met exactly. Whoever goes on with the run does not
 * stop: it has a later fence.
 */
export function freezeAtWrites(gatewaysUrl: string): void {
  const questions = new Map<string, string>();
  const counts = new Map<string, number>();
  const { claim } = LeaseStore.prototype;
  LeaseStore.prototype.claim = async function remember(...args) {
    const run = await claim.apply(this, args);
    if (run?.fence === 1) {
      questions.set(run.summary.id, run.summary.input.message);
    }
    return run;
  };

  /** Does a write of a run, unless the run is to stop here. */
  async function at<T>(
    write: Write,
    runId: string,
    go: () => Promise<T>,
  ): Promise<T> {
    const question = questions.get(runId);
    const point = question && readWritePoint(question);
    if (!point || point.write !== write) {
      return go();
    }
    const count = (counts.get(runId) ?? 0) + 1;
    counts.set(runId, count);
    if (count !== point.number) {
      return go();
    }
    if (point.when === 'after') {
      await go();
    }
    await fetch(`${gatewaysUrl}/frozen`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question }),
    });
    return new Promise(() => {});
  }

  const { put, putWrites } = KnexCheckpointer.prototype;
  const runOf = (config: { configurable?: Record<string, any> }) =>
    config.configurable?.run_claim?.runId;
  KnexCheckpointer.prototype.put = function stop(...args) {
    return at('checkpoint', runOf(args[0]), () => put.apply(this, args));
  };
  KnexCheckpointer.prototype.putWrites = function stop(...args) {
    return at('result', runOf(args[0]), () => putWrites.apply(this, args));
  };
  const { write: writeJournal } = JournalStore.prototype;
  JournalStore.prototype.write = function stop(...args) {
    return at('journal', args[0].id, () => writeJournal.apply(this, args));
  };
  const { end } = LeaseStore.prototype;
  LeaseStore.prototype.end = function stop(...args) {
    return at('end', args[0].id, () => end.apply(this, args));
  };
}
