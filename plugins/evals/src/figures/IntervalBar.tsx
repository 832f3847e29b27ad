import { formatRange, formatValue, type Unit } from './units';
import styles from './figures.module.css';

const WIDTH = 160;
const HEIGHT = 18;
const INSET = 4;

/** A value with its interval against a target, on a scale from nothing. */
export function IntervalBar(props: {
  /** What is measured, for assistive technology. */
  label: string;
  unit: Unit;
  value?: number;
  low?: number;
  high?: number;
  target?: number;
  /** Decides the colour; grey unless told. */
  tone?: 'good' | 'bad';
}) {
  const { label, target, tone, unit } = props;
  const value = props.value ?? props.low ?? props.high;
  if (value === undefined) {
    return null;
  }
  const { high = value, low = value } = props;
  const top =
    unit === 'share' ? 1 : 1.15 * Math.max(high, value, target ?? 0, 1e-9);
  const x = (at: number) =>
    INSET + (Math.min(Math.max(at, 0), top) / top) * (WIDTH - 2 * INSET);
  const words = [
    `${label}: ${formatValue(value, unit)}`,
    low < high && formatRange(low, high, unit),
    target !== undefined && `target ${formatValue(target, unit)}`,
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <svg
      className={styles.bar}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={words}
      data-tone={tone}
    >
      <title>{words}</title>
      <line
        className={styles.track}
        x1={INSET}
        x2={WIDTH - INSET}
        y1={HEIGHT / 2}
        y2={HEIGHT / 2}
      />
      <rect
        className={styles.interval}
        x={x(low)}
        y={HEIGHT / 2 - 3}
        width={Math.max(2, x(high) - x(low))}
        height={6}
        rx={3}
      />
      <circle className={styles.dot} cx={x(value)} cy={HEIGHT / 2} r={4} />
      {target !== undefined && (
        <line
          className={styles.target}
          x1={x(target)}
          x2={x(target)}
          y1={1}
          y2={HEIGHT - 1}
        />
      )}
    </svg>
  );
}
