import type { ComplexityTier } from '../directory/model';
import { TIERS } from '../routing/complexity';
import {
  DEFAULT_TIER_THRESHOLDS,
  type TierThresholds,
} from './ComplexityRater';

/**
 * How a call ended that a model of a tier answered.
 *
 * @public
 */
export interface ComplexityOutcome {
  /** As the request was rated, from 0 to 1. */
  score: number;
  /** What the model that answered is trusted with. */
  tier: ComplexityTier;
  succeeded: boolean;
}

/**
 * Where the tiers end for a tenant, and how that was found.
 *
 * @public
 */
export interface ComplexityCalibration {
  thresholds: TierThresholds;
  /** By tier below `reasoning`: what the threshold rests on. */
  basis: Array<{
    tier: ComplexityTier;
    outcomes: number;
    successes: number;
    /** `default` when there were too few outcomes to say anything. */
    rule: 'default' | 'kept' | 'raised' | 'lowered';
  }>;
}

/** A tier must answer so many of its requests well. */
const GOOD_ENOUGH = 0.85;

/** With fewer outcomes a tier keeps its default. */
const MIN_OUTCOMES = 40;

/** Neighbours by score are judged together, so that one bad call moves nothing. */
const BIN = 10;

/** One-sided 95 %. */
const Z = 1.645;

/** So far beyond what is known to go well a tier is tried. */
const STEP = 0.03;

/** However well a tier does, what is rated as much too hard is not tried on it. */
const HIGHEST: TierThresholds = [0.35, 0.6, 0.85];

interface Block {
  from: number;
  to: number;
  good: number;
  all: number;
}

/**
 * Moves the thresholds of the tiers to where the outcomes say that each stops
 * being good enough. Success is taken to fall as requests get harder, so a tier
 * is judged by the parts of its scores, the easiest first: those that are proven
 * good (by the lower bound of Wilson's interval) belong to it, those that are
 * shown to be bad (by the upper bound) do not, and between them the default
 * stands. A tier that is good up to its end gets a little more.
 *
 * @public
 */
export function calibrate(
  outcomes: readonly ComplexityOutcome[],
): ComplexityCalibration {
  const thresholds: number[] = [];
  const basis: ComplexityCalibration['basis'] = [];
  for (const [index, tier] of TIERS.slice(0, 3).entries()) {
    const own = outcomes.filter(outcome => outcome.tier === tier);
    const given = DEFAULT_TIER_THRESHOLDS[index];
    const enough = own.length >= MIN_OUTCOMES;
    const found = enough ? clamp(move(own, given), 0, HIGHEST[index]) : given;
    const threshold = Math.max(found, thresholds[index - 1] ?? 0);
    thresholds.push(threshold);
    basis.push({
      tier,
      outcomes: own.length,
      successes: own.filter(({ succeeded }) => succeeded).length,
      rule: enough ? direction(threshold, given) : 'default',
    });
  }
  return { thresholds: thresholds as unknown as TierThresholds, basis };
}

function move(outcomes: ComplexityOutcome[], given: number): number {
  let proven = 0;
  for (const block of fallingBlocks(outcomes)) {
    if (wilson(block, 1) < GOOD_ENOUGH) {
      return clamp(given, proven, Math.max(proven, block.from));
    }
    if (wilson(block, -1) >= GOOD_ENOUGH) {
      proven = block.to;
    }
  }
  return proven >= given - STEP ? Math.max(given, proven + STEP) : given;
}

/** Bins of outcomes by score, merged until success falls from each to the next. */
function fallingBlocks(outcomes: ComplexityOutcome[]): Block[] {
  const sorted = [...outcomes].sort((a, b) => a.score - b.score);
  const blocks: Block[] = [];
  for (let at = 0; at < sorted.length; at += BIN) {
    const bin = sorted.slice(at, at + BIN);
    let block: Block = {
      from: bin[0].score,
      to: bin[bin.length - 1].score,
      good: bin.filter(({ succeeded }) => succeeded).length,
      all: bin.length,
    };
    for (
      let last = blocks.at(-1);
      last && last.good * block.all <= block.good * last.all;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = {
        from: last.from,
        to: block.to,
        good: last.good + block.good,
        all: last.all + block.all,
      };
    }
    blocks.push(block);
  }
  return blocks;
}

/**
 * A bound of Wilson's score interval for the rate of success.
 *
 * @param side - -1 for the lower, 1 for the upper bound
 */
function wilson({ good, all }: Block, side: -1 | 1): number {
  const p = good / all;
  const z2 = Z * Z;
  const middle = p + z2 / (2 * all);
  const half = Z * Math.sqrt((p * (1 - p)) / all + z2 / (4 * all * all));
  return (middle + side * half) / (1 + z2 / all);
}

function direction(threshold: number, given: number) {
  if (Math.abs(threshold - given) < 1e-9) {
    return 'kept';
  }
  return threshold > given ? 'raised' : 'lowered';
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
