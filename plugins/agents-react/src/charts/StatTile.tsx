import type { ReactNode } from 'react';
import { Skeleton } from '@backstage/ui';
import { formatPercent } from '../format';
import styles from './charts.module.css';

/**
 * Props of {@link StatTile}.
 *
 * @public
 */
export interface StatTileProps {
  /** What the number is: "Success rate". */
  label: string;
  /** The number, formatted; undefined says that there is nothing to measure yet. */
  value?: string;
  /** Its unit, when the number does not carry it. */
  unit?: string;
  /** The time that it covers: "last 14 days". */
  period?: string;
  /** Change against the period before, as a ratio: 0.1 is a tenth more. */
  change?: number;
  /** What it changed against; "the period before" unless told. */
  changeAgainst?: string;
  /** Which direction is good news; neither unless told. */
  goodWhen?: 'up' | 'down';
  /** A small chart, such as a `Sparkline`. */
  chart?: ReactNode;
  isPending?: boolean;
  /** Shown in place of the value while there is none. */
  emptyText?: string;
}

function changeClass(change: number, goodWhen?: 'up' | 'down'): string {
  if (!goodWhen || change === 0) {
    return styles.change;
  }
  const isGood = change > 0 === (goodWhen === 'up');
  return `${styles.change} ${isGood ? styles.changeGood : styles.changeBad}`;
}

function changeText(change: number, against: string): string {
  if (change === 0) {
    return `no change against ${against}`;
  }
  return `${change > 0 ? '▲' : '▼'} ${formatPercent(
    Math.abs(change),
  )} against ${against}`;
}

/**
 * One number that matters, with its unit, its period and its change.
 *
 * @public
 */
export function StatTile(props: StatTileProps) {
  const {
    label,
    value,
    unit,
    period,
    change,
    changeAgainst = 'the period before',
    goodWhen,
    chart,
    isPending,
    emptyText = 'Nothing yet',
  } = props;
  return (
    <div className={styles.tile} role="group" aria-label={label}>
      <div className={styles.tileHead}>
        <span className={styles.tileLabel}>{label}</span>
        {period && <span className={styles.tilePeriod}>{period}</span>}
      </div>
      <div className={styles.tileBody}>
        {isPending ? (
          <Skeleton width={88} height={28} />
        ) : (
          <span
            className={
              value === undefined ? styles.tileEmpty : styles.tileValue
            }
          >
            {value ?? emptyText}
            {value !== undefined && unit && (
              <span className={styles.tileUnit}> {unit}</span>
            )}
          </span>
        )}
        {!isPending && chart}
      </div>
      {!isPending && change !== undefined && (
        <div className={changeClass(change, goodWhen)}>
          {changeText(change, changeAgainst)}
        </div>
      )}
    </div>
  );
}
