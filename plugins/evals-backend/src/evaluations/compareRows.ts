import {
  benjaminiHochberg,
  type CaseChange,
  exactMcNemar,
  type MetricComparison,
  pairedBootstrap,
  pairedDifference,
  sequentialMcNemar,
  signFlipTest,
  type Verdict,
  verdictOf,
} from '@agentportal/plugin-evals-common';
import type { ComparedRow } from './EvaluationStore';
import { outcomeOfTrials } from './rows';

/** A case that both were asked. */
export interface PairedCase {
  caseId: string;
  change: CaseChange;
}

/** What two evaluations of the same cases come to. */
export interface ComparedRows {
  verdict: Verdict;
  metrics: MetricComparison[];
  /** Those that became worse first, then those that became better. */
  pairs: PairedCase[];
  unpaired: number;
}

interface Side {
  digest: string;
  position: number;
  trials: ComparedRow[];
}

const CHANGES: CaseChange[] = ['worse', 'better', 'same'];

/**
 * Compares results of two evaluations. Cases are paired by id and text, and only those count
 * that came to something on both sides. For a worker: it draws a few million random numbers.
 *
 * @param options.isWhole - whether all cases of both are in, so that nobody has looked before or looks again
 */
export function compareRows(
  baseline: ComparedRow[],
  candidate: ComparedRow[],
  { isWhole }: { isWhole: boolean },
): ComparedRows {
  const [before, after] = [byCase(baseline), byCase(candidate)];
  const paired = [...after].flatMap(([caseId, side]) => {
    const other = before.get(caseId);
    return other?.digest === side.digest && isJudged(other) && isJudged(side)
      ? [{ caseId, before: other, after: side }]
      : [];
  });
  const pairs = paired
    .map(({ caseId, before: other, after: side }) => ({
      caseId,
      position: side.position,
      change: changeOf(passes(other), passes(side)),
    }))
    .sort(
      (a, b) =>
        CHANGES.indexOf(a.change) - CHANGES.indexOf(b.change) ||
        a.position - b.position,
    );
  const wins = pairs.filter(({ change }) => change === 'better').length;
  const losses = pairs.filter(({ change }) => change === 'worse').length;
  const counts = { wins, losses, paired: pairs.length };
  const looks = isWhole ? ('one' as const) : ('any' as const);
  const measured = (
    metric: MetricComparison['metric'],
    unit: MetricComparison['unit'],
    of: (row: ComparedRow) => number,
  ) => {
    const values = paired.map(({ before: other, after: side }) => ({
      baseline: other.trials.map(of),
      candidate: side.trials.map(of),
    }));
    return {
      metric,
      unit,
      baseline: meanOf(values.map(each => meanOf(each.baseline))),
      candidate: meanOf(values.map(each => meanOf(each.candidate))),
      difference: pairedBootstrap(values),
      better: 'lower' as const,
      pValue: signFlipTest(values, { resamples: 2_000 }),
      guard: true,
      samples: values.length,
    };
  };
  const metrics: MetricComparison[] = paired.length
    ? [
        {
          metric: 'pass-rate',
          unit: 'share',
          baseline: meanOf(paired.map(each => Number(passes(each.before)))),
          candidate: meanOf(paired.map(each => Number(passes(each.after)))),
          difference: pairedDifference(counts, { looks }),
          better: 'higher',
          pValue: isWhole
            ? exactMcNemar(wins, losses)
            : Math.min(1, 1 / sequentialMcNemar(wins, losses)),
          samples: paired.length,
        },
        ...(paired.some(({ after: side }) => side.trials.length > 1)
          ? [
              {
                ...measured('consistency', 'share', () => 0),
                ...agreement(paired),
              },
            ]
          : []),
        measured('latency', 'ms', row => Number(row.latency_ms)),
        measured('cost', 'nano-usd', row => Number(row.cost_nano_usd)),
        measured('calls', 'count', row => row.call_count),
      ]
    : [];
  const corrected = benjaminiHochberg(metrics.map(({ pValue }) => pValue!));
  return {
    verdict: verdictOf(counts, { looks }),
    metrics: metrics.map((each, at) => ({ ...each, pValue: corrected[at] })),
    pairs: pairs.map(({ caseId, change }) => ({ caseId, change })),
    unpaired: new Set([...before.keys(), ...after.keys()]).size - paired.length,
  };
}

/** In how many cases all trials came to the same. */
function agreement(
  paired: Array<{ before: Side; after: Side }>,
): Pick<
  MetricComparison,
  'baseline' | 'candidate' | 'difference' | 'better' | 'pValue'
> {
  const agrees = ({ trials }: Side) =>
    Number(new Set(trials.map(({ outcome }) => outcome)).size === 1);
  const values = paired.map(({ before, after }) => ({
    baseline: [agrees(before)],
    candidate: [agrees(after)],
  }));
  return {
    baseline: meanOf(values.map(each => each.baseline[0])),
    candidate: meanOf(values.map(each => each.candidate[0])),
    difference: pairedBootstrap(values),
    better: 'higher',
    pValue: signFlipTest(values, { resamples: 2_000 }),
  };
}

function byCase(rows: ComparedRow[]): Map<string, Side> {
  const sides = new Map<string, Side>();
  for (const row of rows) {
    const side = sides.get(row.case_id);
    if (side) {
      side.trials.push(row);
    } else {
      sides.set(row.case_id, {
        digest: row.case_digest,
        position: row.position,
        trials: [row],
      });
    }
  }
  return sides;
}

function isJudged({ trials }: Side): boolean {
  return ['passed', 'failed'].includes(
    outcomeOfTrials(trials.map(({ outcome }) => outcome)),
  );
}

function passes({ trials }: Side): boolean {
  return trials.every(({ outcome }) => outcome === 'passed');
}

function changeOf(before: boolean, after: boolean): CaseChange {
  if (before === after) {
    return 'same';
  }
  return after ? 'better' : 'worse';
}

function meanOf(values: number[]): number {
  return values.length
    ? values.reduce((sum, each) => sum + each, 0) / values.length
    : 0;
}
