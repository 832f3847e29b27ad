import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { agentsReactTranslationRef } from '../translation';
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

/** Translations have their words. */
const TONES = {
  queued: 'waiting',
  running: 'busy',
  interrupted: 'attention',
  waiting: 'attention',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'off',
  available: 'good',
  stale: 'attention',
  unavailable: 'bad',
  invalid: 'bad',
  held: 'attention',
  up: 'good',
  down: 'bad',
  ok: 'good',
  error: 'bad',
  unknown: 'waiting',
  production: 'good',
  review: 'waiting',
  experimental: 'waiting',
  suspended: 'bad',
  retired: 'off',
} as const satisfies Record<string, StatusTone>;

function isKnown(status: string): status is keyof typeof TONES {
  return Object.hasOwn(TONES, status);
}

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
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const known = isKnown(status) ? status : undefined;
  const tone = props.tone ?? (known ? TONES[known] : 'waiting');
  const word = props.label ?? (known ? t(`statuses.${known}`) : status);
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
