import styles from './charts.module.css';

/**
 * Props of {@link Sparkline}.
 *
 * @public
 */
export interface SparklineProps {
  /** One value per period, the oldest first. */
  values: readonly number[];
  /** What the line shows, for assistive technology: "Runs per day, last 14 days". */
  label: string;
  width?: number;
  height?: number;
  /** Bars suit counts, a line suits levels; bars unless told. */
  kind?: 'bars' | 'line';
  /** Of `values`, the part to paint in the colour of failure (bars only). */
  failures?: readonly number[];
}

function summaryOf(label: string, values: readonly number[]): string {
  if (values.length === 0) {
    return `${label}: no data`;
  }
  const total = values.reduce((sum, value) => sum + value, 0);
  return `${label}: ${values.length} values, last ${
    values[values.length - 1]
  }, highest ${Math.max(...values)}, total ${total}`;
}

/**
 * A chart the size of a word. It has no axes; its numbers are in its label.
 *
 * @public
 */
export function Sparkline(props: SparklineProps) {
  const {
    values,
    label,
    width = 96,
    height = 24,
    kind = 'bars',
    failures,
  } = props;
  const top = Math.max(1, ...values);
  const slot = width / Math.max(1, values.length);
  const gap = Math.min(2, slot * 0.25);
  const summary = summaryOf(label, values);
  return (
    <svg
      className={styles.sparkline}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={summary}
      preserveAspectRatio="none"
    >
      <title>{summary}</title>
      {kind === 'line' && values.length > 1 ? (
        <polyline
          className={styles.line}
          points={values
            .map(
              (value, index) =>
                `${(index / (values.length - 1)) * (width - 3) + 1.5},${
                  height - 1.5 - (value / top) * (height - 3)
                }`,
            )
            .join(' ')}
        />
      ) : (
        values.map((value, index) => {
          const tall = value === 0 ? 1.5 : Math.max(2, (value / top) * height);
          const failed = Math.min(failures?.[index] ?? 0, value);
          const failedTall = value === 0 ? 0 : (failed / value) * tall;
          return (
            // A day has no identity of its own but its place.
            // eslint-disable-next-line react/no-array-index-key
            <g key={index}>
              <rect
                className={value === 0 ? styles.barEmpty : styles.bar}
                x={index * slot + gap / 2}
                y={height - tall}
                width={Math.max(1, slot - gap)}
                height={tall}
                rx={Math.min(1, slot / 4)}
              />
              {failedTall > 0 && (
                <rect
                  className={styles.barFailed}
                  x={index * slot + gap / 2}
                  y={height - failedTall}
                  width={Math.max(1, slot - gap)}
                  height={failedTall}
                />
              )}
            </g>
          );
        })
      )}
    </svg>
  );
}
