import styles from './badges.module.css';

/**
 * The family that a status belongs to; it decides colour and shape together, so
 * that colour never speaks alone.
 *
 * @public
 */
export type StatusTone =
  | 'good'
  | 'busy'
  | 'waiting'
  | 'attention'
  | 'bad'
  | 'off';

/**
 * Props of {@link StatusMark}.
 *
 * @public
 */
export interface StatusMarkProps {
  /**
   * A status of a run (`queued`, `running`, `interrupted`, `succeeded`, `failed`,
   * `cancelled`), of a tool, model or server (`available`, `stale`, `invalid`,
   * `unavailable`, `up`, `down`, `ok`, `error`, `unknown`) or a lifecycle. Others are shown as
   * they are, in grey.
   */
  status: string;
  /** Words to show instead of the usual ones. */
  label?: string;
  /** Overrides the family that the status belongs to. */
  tone?: StatusTone;
  /** Leaves the word to assistive technology: for places where it is said beside. */
  iconOnly?: boolean;
}

const KNOWN: Record<string, { tone: StatusTone; word: string }> = {
  queued: { tone: 'waiting', word: 'Queued' },
  running: { tone: 'busy', word: 'Running' },
  interrupted: { tone: 'attention', word: 'Waiting for a person' },
  waiting: { tone: 'attention', word: 'Waiting for a person' },
  succeeded: { tone: 'good', word: 'Succeeded' },
  failed: { tone: 'bad', word: 'Failed' },
  cancelled: { tone: 'off', word: 'Stopped' },
  available: { tone: 'good', word: 'Available' },
  stale: { tone: 'attention', word: 'Not seen lately' },
  unavailable: { tone: 'bad', word: 'Unavailable' },
  invalid: { tone: 'bad', word: 'Cannot be used' },
  held: { tone: 'attention', word: 'Held back' },
  up: { tone: 'good', word: 'Up' },
  down: { tone: 'bad', word: 'Down' },
  ok: { tone: 'good', word: 'OK' },
  error: { tone: 'bad', word: 'Error' },
  unknown: { tone: 'waiting', word: 'Unknown' },
  production: { tone: 'good', word: 'In production' },
  review: { tone: 'waiting', word: 'In review' },
  experimental: { tone: 'waiting', word: 'Experimental' },
  suspended: { tone: 'bad', word: 'Suspended' },
  retired: { tone: 'off', word: 'Retired' },
};

const CLASSES: Record<StatusTone, string> = {
  good: styles.toneGood,
  busy: styles.toneBusy,
  waiting: styles.toneWaiting,
  attention: styles.toneAttention,
  bad: styles.toneBad,
  off: styles.toneOff,
};

function Shape({ tone }: { tone: StatusTone }) {
  switch (tone) {
    case 'good':
      return (
        <>
          <circle cx="6" cy="6" r="6" fill="currentColor" />
          <path d="M3.4 6.2l1.8 1.8 3.4-3.8" className={styles.shapeLine} />
        </>
      );
    case 'busy':
      return (
        <circle
          className={styles.spinner}
          cx="6"
          cy="6"
          r="4.8"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeDasharray="21 10"
          strokeLinecap="round"
        />
      );
    case 'attention':
      return (
        <>
          <path
            d="M6 1.2L11.4 11H.6z"
            fill="currentColor"
            stroke="currentColor"
            strokeLinejoin="round"
          />
          <path d="M6 4.6v3M6 9.2v.2" className={styles.shapeLine} />
        </>
      );
    case 'bad':
      return (
        <>
          <rect width="12" height="12" rx="2.5" fill="currentColor" />
          <path
            d="M3.8 3.8l4.4 4.4M8.2 3.8L3.8 8.2"
            className={styles.shapeLine}
          />
        </>
      );
    case 'off':
      return (
        <path
          d="M1.5 6h9"
          stroke="currentColor"
          strokeWidth="2.4"
          strokeLinecap="round"
        />
      );
    default:
      return (
        <circle
          cx="6"
          cy="6"
          r="4.8"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
        />
      );
  }
}

/**
 * A status as a word, a shape and a colour.
 *
 * @public
 */
export function StatusMark(props: StatusMarkProps) {
  const { status, iconOnly } = props;
  const known = KNOWN[status];
  const tone = props.tone ?? known?.tone ?? 'waiting';
  const word = props.label ?? known?.word ?? status;
  return (
    <span
      className={`${styles.status} ${CLASSES[tone]}`}
      data-status={status}
      data-tone={tone}
    >
      <svg
        viewBox="0 0 12 12"
        width="12"
        height="12"
        role={iconOnly ? 'img' : undefined}
        aria-label={iconOnly ? word : undefined}
        aria-hidden={iconOnly ? undefined : true}
      >
        {iconOnly && <title>{word}</title>}
        <Shape tone={tone} />
      </svg>
      {!iconOnly && <span className={styles.statusWord}>{word}</span>}
    </span>
  );
}
