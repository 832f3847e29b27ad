import { toolName } from '../service/toolName';
import { hashOf, timesSeen } from './hashOf';
import type { Norm } from './norms';

const BUCKETS = 2 ** 31;
/** Different steps of one run that are looked at. */
const MAX_STEPS = 40;
/** A step that so many of the learned runs had is rare; one is as good as chance. */
const RARE = 1;
const START = 'start';
const END = 'end';

/** From which tool to which a run goes, each pair once, hashed: names are known anew with each run. */
export function pathOf(tools: string[]): number[] {
  const steps = new Set(pairsOf(tools).map(pair => hashOf(pair, BUCKETS)));
  return [...steps].slice(0, MAX_STEPS);
}

/**
 * In how many runs each step was, and how many of the runs had one that the others hardly had: so many runs
 * will have one though nothing has changed (Good 1953, leaving each out in turn).
 */
export function learnPaths(paths: number[][]): {
  seen: Record<string, number>;
  unusual: number;
} {
  const seen = timesSeen(paths);
  const unusual = paths.filter(path =>
    path.some(step => seen[step] - 1 <= RARE),
  ).length;
  return { seen, unusual };
}

export function isUnusualPath({ seen = {} }: Norm, path: number[]): boolean {
  return path.some(step => (seen[step] ?? 0) <= RARE);
}

/** The steps of a run that no learned run had, or hardly one, as `from → to`. */
export function unusualSteps({ seen = {}, runs }: Norm, tools: string[]) {
  const unusual = new Set<string>();
  for (const pair of pairsOf(tools)) {
    const times = seen[hashOf(pair, BUCKETS)] ?? 0;
    if (times <= RARE) {
      unusual.add(
        `${pair} (${times ? `in ${times}` : 'in none'} of ${runs} runs)`,
      );
    }
  }
  return [...unusual];
}

function pairsOf(tools: string[]): string[] {
  const named = tools.map(toolName);
  return [START, ...named].map((from, i) => `${from} → ${named[i] ?? END}`);
}
