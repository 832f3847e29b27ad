import {
  formatCount,
  formatDuration,
  formatNanoUsd,
  formatPercent,
} from '@agentportal/plugin-agents-react';
import type { Interval } from '@agentportal/plugin-evals-common';

/** What a figure is measured in. */
export type Unit = 'share' | 'ms' | 'nano-usd' | 'count' | 'days';

/** A figure with its unit, for people. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'share':
      return formatPercent(value);
    case 'ms':
      return formatDuration(value);
    case 'nano-usd':
      return formatNanoUsd(value);
    case 'days':
      return `${formatCount(value)} ${
        Math.round(value) === 1 ? 'day' : 'days'
      }`;
    default:
      return Number.isInteger(value) ? formatCount(value) : value.toFixed(1);
  }
}

/** An interval, for example `79 % to 96 %`. */
export function formatRange(low: number, high: number, unit: Unit): string {
  return `${formatValue(low, unit)} to ${formatValue(high, unit)}`;
}

/** Smaller sums are told from nothing nowhere. */
const LEAST_NANO_USD = 1_000;

function signed(value: number, unit: Unit): string {
  if (value === 0) {
    return '0';
  }
  if (unit === 'nano-usd' && Math.abs(value) < LEAST_NANO_USD) {
    return '≈ $0';
  }
  const sign = value < 0 ? '−' : '+';
  if (unit === 'share') {
    const points = Math.abs(value) * 100;
    return `${sign}${points.toFixed(points < 1 && points > 0 ? 1 : 0)}`;
  }
  return `${sign}${formatValue(Math.abs(value), unit)}`;
}

/** A difference; shares differ by points: `+6 points`. */
export function formatDifference(value: number, unit: Unit): string {
  return `${signed(value, unit)}${unit === 'share' ? ' points' : ''}`;
}

/** Between what a difference is, in its unit: `−2 to +14`. */
export function formatInterval({ high, low }: Interval, unit: Unit): string {
  return `${signed(low, unit)} to ${signed(high, unit)}`;
}
